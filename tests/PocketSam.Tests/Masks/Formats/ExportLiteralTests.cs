using System.Globalization;

namespace PocketSam.Tests.Masks.Formats;

/// <summary>Each format on a mask of one pixel, letter by letter, under a culture with decimal commas.</summary>
public sealed class ExportLiteralTests : IDisposable
{
    private static readonly AnnotatedPicture OnePixel
        = ExportSamples.Picture("a b/é.jpg", MaskSamples.Parse("....", "..#."));

    private readonly CultureInfo _culture = CultureInfo.CurrentCulture;

    public ExportLiteralTests()
    {
        var commas = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        commas.NumberFormat.NumberDecimalSeparator = ",";
        CultureInfo.CurrentCulture = commas;
    }

    public void Dispose() => CultureInfo.CurrentCulture = _culture;

    [Fact]
    public void Everything() => Assert.Equal(
        """{"image":{"path":"a b/é.jpg","width":4,"height":2},"annotations":[{"segmentation":"""
        + """{"size":[2,4],"counts":"512"},"area":1,"bbox":[2,1,1,1],"predicted_iou":0.875,"point_coords":"""
        + """[[1.5,2]],"stability_score":0.1,"crop_box":[0,0,4,2]}]}""",
        ExportSamples.Text(new EverythingFormat(), OnePixel));

    [Theory]
    [InlineData(false, """{"size":[2,4],"counts":"512"}""")]
    [InlineData(true, "[[2,1,3,1,3,2,2,2]]")]
    public void Coco(bool polygons, string segmentation) => Assert.Equal(
        """{"images":[{"id":1,"file_name":"a b/é.jpg","width":4,"height":2}],"annotations":[{"id":1,"image_id":"""
        + $$"""1,"category_id":1,"segmentation":{{segmentation}},"area":1,"bbox":[2,1,1,1],"iscrowd":0}],"categories":"""
        + """[{"id":1,"name":"object"}]}""",
        ExportSamples.Text(polygons ? new CocoFormat(1) : new CocoFormat(), OnePixel));

    [Fact]
    public void Yolo() => Assert.Equal(
        "0 0.5 0.5 0.75 0.5 0.75 1 0.5 1\n", ExportSamples.Text(new YoloFormat(), OnePixel));

    [Fact]
    public void LabelMe() => Assert.Equal(
        """{"version":"5.0.1","flags":{},"shapes":[{"label":"object","points":[[2,1],[3,1],[3,2],[2,2]],"group_id":"""
        + """0,"shape_type":"polygon","flags":{}}],"imagePath":"a b/é.jpg","imageData":null,"imageHeight":"""
        + """2,"imageWidth":4}""",
        ExportSamples.Text(new LabelMeFormat(), OnePixel));

    [Fact]
    public void Svg() => Assert.Equal(
        """
        <?xml version="1.0" encoding="utf-8"?>
        <svg width="4" height="2" viewBox="0 0 4 2" xmlns="http://www.w3.org/2000/svg">
          <image href="a%20b/%C3%A9.jpg" width="4" height="2" />
          <g fill-rule="evenodd" fill-opacity="0.45">
            <path id="mask-0" fill="#2697ff" stroke="#2697ff" d="M2 1L3 1L3 2L2 2Z" />
          </g>
        </svg>
        """,
        ExportSamples.Text(new SvgFormat(), OnePixel));

    [Fact]
    public void GeoJson() => Assert.Equal(
        """{"type":"FeatureCollection","features":[{"type":"Feature","id":0,"geometry":"""
        + """{"type":"MultiPolygon","coordinates":[[[[2,1],[3,1],[3,2],[2,2],[2,1]]]]},"properties":"""
        + """{"area":1,"bbox":[2,1,1,1],"predicted_iou":"""
        + """0.875,"stability_score":0.1}}]}""",
        ExportSamples.Text(new GeoJsonFormat(), OnePixel));

    [Fact]
    public void No_masks()
    {
        var picture = new AnnotatedPicture("x.png", 1, 1, []);
        Assert.Equal(
            """{"image":{"path":"x.png","width":1,"height":1},"annotations":[]}""",
            ExportSamples.Text(new EverythingFormat(), picture));
        Assert.Contains("\"annotations\":[]", ExportSamples.Text(new CocoFormat(), picture));
        Assert.Equal("", ExportSamples.Text(new YoloFormat(), picture));
        Assert.Contains("\"shapes\":[]", ExportSamples.Text(new LabelMeFormat(), picture));
        Assert.DoesNotContain("<path", ExportSamples.Text(new SvgFormat(), picture));
        Assert.Equal(
            """{"type":"FeatureCollection","features":[]}""", ExportSamples.Text(new GeoJsonFormat(), picture));
    }

    [Fact]
    public void An_empty_mask_has_no_outline()
    {
        AnnotatedPicture picture = ExportSamples.Picture("x.png", new BinaryMask(3, 2));
        Assert.Contains(
            "\"segmentation\":[],\"area\":0,\"bbox\":[0,0,0,0]", ExportSamples.Text(new CocoFormat(1), picture));
        Assert.Equal("", ExportSamples.Text(new YoloFormat(), picture));
        Assert.Contains("\"shapes\":[]", ExportSamples.Text(new LabelMeFormat(), picture));
        Assert.DoesNotContain("<path", ExportSamples.Text(new SvgFormat(), picture));
        Assert.Contains("\"coordinates\":[]", ExportSamples.Text(new GeoJsonFormat(), picture));
    }
}
