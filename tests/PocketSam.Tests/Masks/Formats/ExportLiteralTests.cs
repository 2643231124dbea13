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
    public void Coco() => Assert.Equal(
        """{"images":[{"id":1,"file_name":"a b/é.jpg","width":4,"height":2}],"annotations":[{"id":1,"image_id":"""
        + """1,"category_id":1,"segmentation":{"size":[2,4],"counts":"512"},"area":1,"bbox":[2,1,1,1],"iscrowd":0}],"""
        + "\"categories\":[{\"id\":1,\"name\":\"object\"}]}",
        ExportSamples.Text("coco", OnePixel));

    [Fact]
    public void Yolo() => Assert.Equal(
        "0 0.5 0.5 0.75 0.5 0.75 1 0.5 1\n", ExportSamples.Text("yolo", OnePixel));

    [Fact]
    public void LabelMe() => Assert.Equal(
        """{"version":"5.0.1","flags":{},"shapes":[{"label":"object","points":[[2,1],[3,1],[3,2],[2,2]],"group_id":"""
        + """0,"shape_type":"polygon","flags":{}}],"imagePath":"a b/é.jpg","imageData":null,"imageHeight":"""
        + """2,"imageWidth":4}""",
        ExportSamples.Text("labelme", OnePixel));

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
        ExportSamples.Text("svg", OnePixel));

    [Fact]
    public void GeoJson() => Assert.Equal(
        """{"type":"FeatureCollection","features":[{"type":"Feature","id":0,"geometry":"""
        + """{"type":"MultiPolygon","coordinates":[[[[2,1],[3,1],[3,2],[2,2],[2,1]]]]},"properties":"""
        + """{"area":1,"bbox":[2,1,1,1],"predicted_iou":"""
        + """0.875,"stability_score":0.1}}]}""",
        ExportSamples.Text("geojson", OnePixel));

    [Fact]
    public void No_masks()
    {
        var picture = new AnnotatedPicture("x.png", 1, 1, []);
        Assert.Contains("\"annotations\":[]", ExportSamples.Text("coco", picture));
        Assert.Equal("", ExportSamples.Text("yolo", picture));
        Assert.Contains("\"shapes\":[]", ExportSamples.Text("labelme", picture));
        Assert.DoesNotContain("<path", ExportSamples.Text("svg", picture));
        Assert.Equal(
            """{"type":"FeatureCollection","features":[]}""", ExportSamples.Text("geojson", picture));
    }

    [Fact]
    public void An_empty_mask_has_no_outline()
    {
        AnnotatedPicture picture = ExportSamples.Picture("x.png", new BinaryMask(3, 2));
        Assert.Contains(
            "\"segmentation\":{\"size\":[2,3],\"counts\":\"6\"},\"area\":0,\"bbox\":[0,0,0,0]",
            ExportSamples.Text("coco", picture));
        Assert.Equal("", ExportSamples.Text("yolo", picture));
        Assert.Contains("\"shapes\":[]", ExportSamples.Text("labelme", picture));
        Assert.DoesNotContain("<path", ExportSamples.Text("svg", picture));
        Assert.Contains("\"coordinates\":[]", ExportSamples.Text("geojson", picture));
    }
}
