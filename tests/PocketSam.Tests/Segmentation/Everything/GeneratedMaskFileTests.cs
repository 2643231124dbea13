using System.Globalization;
using System.Text;
using PocketSam.Tests.Masks;

namespace PocketSam.Tests.Segmentation.Everything;

/// <summary>SAM's list of masks, letter by letter, under a culture with decimal commas.</summary>
public sealed class GeneratedMaskFileTests : IDisposable
{
    private static readonly GeneratedMask OnePixel = new()
    {
        Segmentation = Rle.Encode(MaskSamples.Parse("....", "..#.")),
        Area = 1,
        Box = new PixelBox(2, 1, 1, 1),
        PredictedIou = 0.875f,
        StabilityScore = 0.1f,
        PointCoords = [new PromptPoint(1.5, 2)],
        CropBox = new PixelBox(0, 0, 4, 2),
    };

    private readonly CultureInfo _culture = CultureInfo.CurrentCulture;

    public GeneratedMaskFileTests()
    {
        var commas = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        commas.NumberFormat.NumberDecimalSeparator = ",";
        CultureInfo.CurrentCulture = commas;
    }

    public void Dispose() => CultureInfo.CurrentCulture = _culture;

    [Fact]
    public void One_mask() => Assert.Equal(
        """{"image":{"path":"a b/é.jpg","width":4,"height":2},"annotations":[{"segmentation":"""
        + """{"size":[2,4],"counts":"512"},"area":1,"bbox":[2,1,1,1],"predicted_iou":0.875,"point_coords":"""
        + """[[1.5,2]],"stability_score":0.1,"crop_box":[0,0,4,2]}]}""",
        Text("a b/é.jpg", OnePixel));

    [Fact]
    public void No_masks() => Assert.Equal(
        """{"image":{"path":"x.png","width":4,"height":2},"annotations":[]}""", Text("x.png"));

    [Fact]
    public void A_file_holds_what_a_stream_does()
    {
        using var folder = new TemporaryFolder();
        GeneratedMaskFile.Write(folder["a.json"], "x.png", 4, 2, [OnePixel]);
        Assert.Equal(Text("x.png", OnePixel), File.ReadAllText(folder["a.json"]));
    }

    [Fact]
    public void An_annotation_keeps_the_mask_and_its_scores()
    {
        Annotation annotation = OnePixel.ToAnnotation();
        Assert.Equal((1, new PixelBox(2, 1, 1, 1)), (annotation.Area, annotation.Box));
        Assert.Equal((0.875f, 0.1f), (annotation.PredictedIou, annotation.StabilityScore));
        Assert.Null(annotation.Label);
    }

    private static string Text(string picture, params GeneratedMask[] masks)
    {
        using var stream = new MemoryStream();
        GeneratedMaskFile.Write(stream, picture, 4, 2, masks);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
