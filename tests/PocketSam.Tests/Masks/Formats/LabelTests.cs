using PocketSam.Masks;

namespace PocketSam.Tests.Masks.Formats;

/// <summary>Labels and colours of masks reach the formats that have a place for them.</summary>
public sealed class LabelTests
{
    private static readonly AnnotatedPicture Named = new("a.jpg", 4, 2,
    [
        Record("dog"), Record(null) with { Color = (255, 128, 0) }, Record(" cat "), Record("dog"), Record("  "),
    ]);

    [Fact]
    public void LabelsAreCountedInTheOrderInWhichTheyComeFirst()
    {
        var labels = new LabelIndex(Named.Annotations);
        Assert.Equal(["dog", "object", "cat"], labels.Names);
        Assert.Equal([0, 1, 2, 0, 1], Named.Annotations.Select(labels.Of));
        Assert.Equal(["object"], new LabelIndex([]).Names);
        Assert.Equal(["dog", "object", "cat", "dog", "object"], Named.Annotations.Select(mask => mask.ClassName));
    }

    [Fact]
    public void CocoHasThemAsCategories()
    {
        string coco = ExportSamples.Text("coco", Named);
        Assert.Contains(
            """categories":[{"id":1,"name":"dog"},{"id":2,"name":"object"},{"id":3,"name":"cat"}]""", coco);
        Assert.Contains("\"id\":3,\"image_id\":1,\"category_id\":3,", coco);
    }

    [Fact]
    public void YoloHasThemAsClasses()
    {
        Assert.Equal(
            ["0", "1", "2", "0", "1"],
            ExportSamples.Text("yolo", Named).TrimEnd().Split('\n').Select(line => line.Split(' ')[0]));
        MaskFile[] files = [.. MaskFormats.Text["yolo"].Files(Named)];
        Assert.Equal(["a.txt", "classes.txt"], files.Select(file => file.Name));
        Assert.Equal("dog\nobject\ncat\n", ExportSamples.Text(files[1]));
    }

    [Fact]
    public void YoloHasNoLabelsOfAPictureCalledAsTheListOfClasses()
        => Assert.StartsWith(
            "classes.jpg: its labels would be called classes.txt",
            Assert.Throws<ArgumentException>(() => MaskFormats.Text["yolo"].Files(Named with { Path = "classes.jpg" })).Message);

    [Fact]
    public void OtherFormatsHaveThemAsText()
    {
        Assert.Contains("\"label\":\"cat\"", ExportSamples.Text("labelme", Named));
        Assert.Contains("\"label\":\"dog\"", ExportSamples.Text("geojson", Named));
        string svg = ExportSamples.Text("svg", Named);
        Assert.Contains("<title>dog</title>", svg);
        Assert.Contains("id=\"mask-1\" fill=\"#ff8000\"", svg);
    }

    [Fact]
    public void UnknownScoresAreLeftOut()
    {
        Annotation unknown = Record("dog") with { PredictedIou = null, StabilityScore = null };
        string geo = ExportSamples.Text("geojson", new AnnotatedPicture("a.jpg", 4, 2, [unknown]));
        Assert.Contains("""properties":{"area":1,"bbox":[2,1,1,1],"label":"dog"}""", geo);
    }

    private static Annotation Record(string? label)
        => ExportSamples.Annotate(MaskSamples.Parse("....", "..#.")) with { Label = label };
}
