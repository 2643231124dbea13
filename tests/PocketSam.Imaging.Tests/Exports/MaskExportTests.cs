using System.Text;
using PocketSam.Imaging.Exports;

namespace PocketSam.Imaging.Tests.Exports;

public class MaskExportTests
{
    private static readonly RgbImage Photo = Fixture.Base();

    [Fact]
    public void Names_and_formats_are_one_to_one()
    {
        Assert.Equal(["coco", "yolo", "labelme", "svg", "geojson", "png-masks", "cutouts"], MaskExport.Names);
        Assert.Equal(Enum.GetValues<ExportFormat>(), MaskExport.Names.Select(MaskExport.Parse));
        Assert.All(MaskExport.Names, name => Assert.Equal(name, MaskExport.NameOf(MaskExport.Parse(name))));
        Assert.Equal(ExportFormat.PngMasks, MaskExport.Parse("PNG-Masks"));
        Assert.StartsWith(
            "'voc' is no export format; there are coco, yolo, labelme, svg, geojson, png-masks, cutouts",
            Assert.Throws<ArgumentException>(() => MaskExport.Parse("voc")).Message);
    }

    [Fact]
    public void Files_are_those_of_their_format()
    {
        using var folder = new TemporaryFolder();
        AnnotatedPicture picture = Picture(folder["photo.png"], Box(2, 3, 4, 5));
        foreach (ExportFormat format in Enum.GetValues<ExportFormat>().Where(format => !MaskExport.IsFolder(format)))
        {
            string path = folder["masks"];
            MaskExport.Write(path, format, picture, tolerance: 0);
            MaskFileFormat writer = MaskExport.FileFormat(format, 0);
            using var stream = new MemoryStream();
            writer.Write(stream, writer.LinksPicture ? picture with { Path = "photo.png" } : picture);
            Assert.Equal(Encoding.UTF8.GetString(stream.ToArray()), File.ReadAllText(path));
        }
    }

    [Fact]
    public void Folders_are_no_files_and_cutouts_need_the_photo()
    {
        using var folder = new TemporaryFolder();
        Assert.StartsWith(
            "png-masks is a folder of pictures, not a file",
            Assert.Throws<ArgumentException>(() => MaskExport.FileFormat(ExportFormat.PngMasks)).Message);
        Assert.Throws<ArgumentException>(() => MaskExport.FileFormat(ExportFormat.Cutouts));
        Assert.Throws<ArgumentOutOfRangeException>(() => MaskExport.FileFormat(ExportFormat.Svg, -1));
        Assert.StartsWith("cutouts need the photo", Assert.Throws<ArgumentException>(
            () => MaskExport.Write(folder["x"], ExportFormat.Cutouts, Picture("x.png", Box(0, 0, 1, 1)))).Message);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void Both_folders_hold_a_picture_a_mask()
    {
        using var folder = new TemporaryFolder();
        AnnotatedPicture picture = Picture("in/room.jpg", Box(2, 3, 4, 5), Box(0, 0, 1, 1));

        MaskExport.Write(folder["out"], ExportFormat.PngMasks, picture);
        MaskExport.Write(folder["out"], ExportFormat.Cutouts, picture, Photo);

        Assert.Equal(
            ["room-cutout-0000.png", "room-cutout-0001.png", "room-mask-0000.png", "room-mask-0001.png"],
            Directory.GetFiles(folder["out"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    private static BinaryMask Box(int x, int y, int width, int height)
    {
        var mask = new BinaryMask(Photo.Width, Photo.Height);
        mask.Fill(new PixelBox(x, y, width, height));
        return mask;
    }

    private static AnnotatedPicture Picture(string path, params BinaryMask[] masks)
        => MaskSamples.Picture(path, Photo.Width, Photo.Height, masks);
}
