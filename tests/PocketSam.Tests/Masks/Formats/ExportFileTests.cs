using System.Text.Json;

namespace PocketSam.Tests.Masks.Formats;

public class ExportFileTests
{
    private static readonly BinaryMask Pixel = MaskSamples.Parse(".#");

    [Fact]
    public void Files_hold_what_streams_do_and_nothing_else_stays()
    {
        using var folder = new TemporaryFolder();
        foreach (MaskFormat format in MaskFormats.Text.All)
        {
            string path = folder[format.Name + format.Extension];
            AnnotatedPicture picture = ExportSamples.Picture(folder["photo.jpg"], Pixel);
            format.Write(path, picture);
            string link = format.LinksPicture ? "photo.jpg" : picture.Path;
            Assert.Equal(ExportSamples.Text(format.Name, picture with { Path = link }), File.ReadAllText(path));
        }

        Assert.Equal(["classes.txt", "coco.json", "geojson.geojson", "labelme.json", "svg.svg", "yolo.txt"], folder.Files);
    }

    [Fact]
    public void Links_lead_from_the_file_to_the_picture()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["out"]);
        AnnotatedPicture picture = ExportSamples.Picture(Path.Combine(folder["in"], "a", "photo #1.jpg"), Pixel);

        MaskFormats.Text["labelme"].Write(Path.Combine(folder["out"], "x.json"), picture);
        MaskFormats.Text["svg"].Write(Path.Combine(folder["out"], "x.svg"), picture);

        using JsonDocument labels = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder["out"], "x.json")));
        Assert.Equal("../in/a/photo #1.jpg", labels.RootElement.GetProperty("imagePath").GetString());
        Assert.Contains("href=\"../in/a/photo%20%231.jpg\"", File.ReadAllText(Path.Combine(folder["out"], "x.svg")));
    }

    [Fact]
    public void A_folder_that_is_not_there_is_named()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder["none"], "x.json");
        foreach (MaskFormat format in MaskFormats.Text.All)
        {
            var e = Assert.Throws<IOException>(() => format.Write(path, ExportSamples.Picture("x", Pixel)));
            Assert.Contains(path, e.Message);
        }
    }

    [Fact]
    public void Masks_of_another_size_are_refused_by_their_place()
    {
        Annotation[] masks = [new(Pixel), new(new BinaryMask(3, 4))];
        Assert.StartsWith(
            "x.jpg: mask 1 of 3x4 in a picture of 2x1",
            Assert.Throws<ArgumentException>(() => new AnnotatedPicture("x.jpg", 2, 1, masks)).Message);
        Assert.ThrowsAny<ArgumentException>(() => new AnnotatedPicture("", 2, 1, []));
        Assert.ThrowsAny<ArgumentException>(() => new AnnotatedPicture("x.jpg", 0, 1, []));
    }

    [Fact]
    public void Bad_tolerances_are_refused()
    {
        AnnotatedPicture picture = ExportSamples.Picture("x", Pixel);
        foreach (double tolerance in (double[])[-1, double.NaN, double.PositiveInfinity])
        {
            Assert.All(
                MaskFormats.Text.All,
                format => Assert.Throws<ArgumentOutOfRangeException>(() => format.Files(picture, tolerance)));
        }
    }

    [Fact]
    public void Formats_are_known_by_name()
    {
        Assert.Equal(["coco", "yolo", "labelme", "svg", "geojson"], MaskFormats.Text.Names);
        Assert.Same(MaskFormats.Text.All[3], MaskFormats.Text["SVG"]);
        Assert.Null(MaskFormats.Text.Find("voc"));
        Assert.StartsWith(
            "format 'voc': there are coco, yolo, labelme, svg, geojson",
            Assert.Throws<ArgumentException>(() => MaskFormats.Text["voc"]).Message);
        Assert.Throws<ArgumentException>(() => new MaskFormats(MaskFormats.Text.All[0], MaskFormats.Text.All[0]));
    }
}
