using SkiaSharp;

namespace PocketSam.Imaging.Tests.Exports;

public class PictureFormatTests
{
    [Fact]
    public void Formats_of_text_and_of_pictures_have_names_extensions_and_types()
        => Assert.Equal(
            [
                "coco .json application/json", "yolo .txt text/plain; charset=utf-8", "labelme .json application/json",
                "svg .svg image/svg+xml", "geojson .geojson application/geo+json", "cutout .png image/png",
                "mask .png image/png",
            ],
            PictureFormats.All.All.Select(format => $"{format.Name} {format.Extension} {format.ContentType}"));

    public static TheoryData<int, int> Sizes => new() { { 1, 1 }, { 1, 9 }, { 70, 3 }, { 31, 29 } };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Masks_are_white_on_black(int width, int height)
    {
        using var folder = new TemporaryFolder();
        BinaryMask[] masks = MaskSamples.Noise(width, height);

        PictureFormats.All["mask"].Write(folder["masks"], MaskSamples.Picture("a/p.jpg", width, height, masks));

        Assert.Equal(masks.Length, Directory.GetFiles(folder["masks"]).Length);
        for (int i = 0; i < masks.Length; i++)
        {
            RgbImage read = ImageFile.Read(Path.Combine(folder["masks"], $"p-mask-000{i}.png"));
            Assert.Equal((width, height), (read.Width, read.Height));
            Assert.Equal(masks[i].ToBytes(255), read.Pixels.Where((_, j) => j % 3 == 0));
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Cutouts_are_the_photo_inside_and_transparent_black_outside(int width, int height)
    {
        using var folder = new TemporaryFolder();
        var photo = new RgbImage(width, height);
        new Random(3).NextBytes(photo.Pixels);
        BinaryMask[] masks = MaskSamples.Noise(width, height);

        PictureFormats.All["cutout"].Write(
            folder["cutouts"], MaskSamples.Picture("p", width, height, masks) with { Photo = photo });

        for (int i = 0; i < masks.Length; i++)
        {
            string path = Path.Combine(folder["cutouts"], $"p-cutout-000{i}.png");
            PixelBox box = masks[i].Bounds;
            Assert.Equal(!box.IsEmpty, File.Exists(path));
            if (box.IsEmpty)
                continue;
            byte[] expected = new byte[4 * box.Width * box.Height];
            for (int j = 0; j < box.Width * box.Height; j++)
            {
                (int y, int x) = Math.DivRem(j, box.Width);
                if (!masks[i][box.X + x, box.Y + y])
                    continue;
                photo.Pixels.AsSpan(3 * ((box.Y + y) * width + box.X + x), 3).CopyTo(expected.AsSpan(4 * j));
                expected[4 * j + 3] = 255;
            }

            Assert.Equal(expected, ReadRgba(path, box.Width, box.Height));
        }
    }

    [Fact]
    public void A_photo_of_another_size_or_none_is_refused()
    {
        using var folder = new TemporaryFolder();
        AnnotatedPicture picture = MaskSamples.Picture("p.jpg", 3, 2, new BinaryMask(3, 2));
        var e = Assert.Throws<ArgumentException>(() => PictureFormats.All["cutout"].Write(
            folder["x"], picture with { Photo = new RgbImage(2, 3) }));
        Assert.StartsWith("p.jpg: a photo of 2x3 where masks are of 3x2", e.Message);
        Assert.StartsWith("p.jpg: cutouts need the photo", Assert.Throws<ArgumentException>(
            () => PictureFormats.All["cutout"].Write(folder["x"], picture)).Message);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void A_file_in_the_folders_place_is_named_and_stays()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["x"], "kept");
        var e = Assert.Throws<IOException>(() => PictureFormats.All["mask"].Write(
            folder["x"], MaskSamples.Picture("p.jpg", 3, 2, new BinaryMask(3, 2))));
        Assert.Equal($"{folder["x"]}: cannot be made a folder (a file of that name is there)", e.Message);
        Assert.Equal("kept", File.ReadAllText(folder["x"]));
    }

    [Fact]
    public void Cancelling_ends_between_files()
    {
        using var folder = new TemporaryFolder();
        var cancelled = new CancellationToken(canceled: true);
        Assert.Throws<OperationCanceledException>(() => PictureFormats.All["mask"].Write(
            folder["x"], MaskSamples.Picture("p.jpg", 3, 2, new BinaryMask(3, 2)), cancellation: cancelled));
        Assert.Empty(Directory.GetFiles(folder["x"]));
    }

    /// <summary>With its opacity, which <see cref="ImageFile"/> drops.</summary>
    private static byte[] ReadRgba(string path, int width, int height)
    {
        using SKCodec codec = SKCodec.Create(path);
        var info = new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        Assert.Equal((width, height, SKAlphaType.Unpremul), (codec.Info.Width, codec.Info.Height, codec.Info.AlphaType));
        Assert.Equal(SKCodecResult.Success, codec.GetPixels(info, out byte[] pixels));
        return pixels;
    }
}
