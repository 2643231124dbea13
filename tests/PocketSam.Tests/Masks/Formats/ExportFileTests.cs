using System.Text.Json;

namespace PocketSam.Tests.Masks.Formats;

public class ExportFileTests
{
    private static readonly BinaryMask Pixel = MaskSamples.Parse(".#");

    [Fact]
    public void Files_hold_what_streams_do_and_nothing_else_stays()
    {
        using var folder = new TemporaryFolder();
        foreach (MaskFileFormat format in ExportSamples.Formats)
        {
            string path = folder["masks" + format.Extension];
            AnnotatedPicture picture = ExportSamples.Picture(folder["photo.jpg"], Pixel);
            format.Write(path, picture);
            string link = format.LinksPicture ? "photo.jpg" : picture.Path;
            Assert.Equal(ExportSamples.Text(format, picture with { Path = link }), File.ReadAllText(path));
        }

        Assert.Equal(["masks.geojson", "masks.json", "masks.svg", "masks.txt"], folder.Files);
    }

    [Fact]
    public void Links_lead_from_the_file_to_the_picture()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["out"]);
        AnnotatedPicture picture = ExportSamples.Picture(Path.Combine(folder["in"], "a", "photo #1.jpg"), Pixel);

        new LabelMeFormat().Write(Path.Combine(folder["out"], "x.json"), picture);
        new SvgFormat().Write(Path.Combine(folder["out"], "x.svg"), picture);

        using JsonDocument labels = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder["out"], "x.json")));
        Assert.Equal("../in/a/photo #1.jpg", labels.RootElement.GetProperty("imagePath").GetString());
        Assert.Contains("href=\"../in/a/photo%20%231.jpg\"", File.ReadAllText(Path.Combine(folder["out"], "x.svg")));
    }

    [Fact]
    public void A_folder_that_is_not_there_is_named()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder["none"], "x.json");
        foreach (MaskFileFormat format in ExportSamples.Formats)
        {
            var e = Assert.Throws<IOException>(() => format.Write(path, ExportSamples.Picture("x", Pixel)));
            Assert.Contains(path, e.Message);
        }
    }

    [Fact]
    public void Masks_of_another_size_are_refused_by_their_place()
    {
        GeneratedMask[] masks = [ExportSamples.Record(Pixel), ExportSamples.Record(new BinaryMask(3, 4))];
        Assert.StartsWith(
            "x.jpg: mask 1 of 3x4 in a picture of 2x1",
            Assert.Throws<ArgumentException>(() => new AnnotatedPicture("x.jpg", 2, 1, masks)).Message);
        Assert.ThrowsAny<ArgumentException>(() => new AnnotatedPicture("", 2, 1, []));
        Assert.ThrowsAny<ArgumentException>(() => new AnnotatedPicture("x.jpg", 0, 1, []));
    }

    [Fact]
    public void Bad_tolerances_are_refused()
    {
        foreach (double tolerance in (double[])[-1, double.NaN, double.PositiveInfinity])
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => new CocoFormat(tolerance));
            Assert.Throws<ArgumentOutOfRangeException>(() => new YoloFormat(tolerance));
            Assert.Throws<ArgumentOutOfRangeException>(() => new LabelMeFormat(tolerance));
            Assert.Throws<ArgumentOutOfRangeException>(() => new SvgFormat(tolerance));
            Assert.Throws<ArgumentOutOfRangeException>(() => new GeoJsonFormat(tolerance));
        }
    }
}
