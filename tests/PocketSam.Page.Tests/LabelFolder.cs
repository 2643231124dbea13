using System.Text.Json;
using PocketSam.Imaging;

namespace PocketSam.Page.Tests;

/// <summary>A folder of pictures to label; removed afterwards.</summary>
internal sealed class LabelFolder : IDisposable
{
    private const int CardWidth = 160, CardHeight = 120;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pocketsam-page-");

    /// <param name="samples">Pictures of <c>samples</c>.</param>
    public LabelFolder(params string[] samples)
    {
        Directory.CreateDirectory(Path);
        foreach (string name in samples)
            File.WriteAllBytes(System.IO.Path.Combine(Path, name), Photos.Sample(name));
    }

    public string Path => System.IO.Path.Combine(_folder.FullName, "photos");

    /// <summary>Adds small pictures, each of its own colour.</summary>
    public void AddSmall(int count)
    {
        for (int i = 0; i < count; i++)
        {
            var image = new RgbImage(8, 6);
            for (int at = 0; at < image.Pixels.Length; at += 3)
                (image.Pixels[at], image.Pixels[at + 1], image.Pixels[at + 2]) = ((byte)i, (byte)(i >> 8), (byte)(255 - (i & 255)));
            ImageFile.Write(System.IO.Path.Combine(Path, $"small {i + 1}.png"), image);
        }
    }

    /// <summary>Adds <c>card 1.png</c> and so on: a green card with a yellow coin on it, and a red ball, in front of noise.</summary>
    public void AddCards(int count)
    {
        for (int i = 1; i <= count; i++)
        {
            var image = new RgbImage(CardWidth, CardHeight);
            new Random(i).NextBytes(image.Pixels);
            foreach (ref byte value in image.Pixels.AsSpan())
                value = (byte)(110 + (value / 16));
            (int x, int y, _) = CoinOf(i);
            var card = new BinaryMask(CardWidth, CardHeight);
            card.Fill(new PixelBox(x - 30, y - 25, 60, 50));
            Paint(image, card, 30, 140, 60);
            Paint(image, Disc(CoinOf(i)), 230, 200, 40);
            Paint(image, Disc(BallOf(i)), 200, 30, 40);
            ImageFile.Write(System.IO.Path.Combine(Path, $"card {i}.png"), image);
        }
    }

    /// <summary>Writes the default model with a small input, beside the pictures: it learns in seconds.</summary>
    public string AddModel()
    {
        using Checkpoint checkpoint = Safetensors.Read(System.IO.Path.Combine(Repository.Root, "models", "default.safetensors"));
        var metadata = new Dictionary<string, string>(checkpoint.Metadata);
        metadata[ModelZoo.MetadataKey] = metadata[ModelZoo.MetadataKey].Replace("\"image_size\":640", "\"image_size\":256", StringComparison.Ordinal);
        string file = System.IO.Path.Combine(_folder.FullName, "small.safetensors");
        Safetensors.Write(file, [.. checkpoint.Tensors], metadata);
        return file;
    }

    /// <summary>Where the coin lies on a picture of <see cref="AddCards"/>, and its radius.</summary>
    public static (int X, int Y, int Radius) CoinOf(int picture) => (42 + (picture * 7 % 30), 35 + (picture * 5 % 30), 13);

    /// <summary>Where the ball is, and its radius.</summary>
    public static (int X, int Y, int Radius) BallOf(int picture) => (136, 24 + (picture * 11 % 60), 14);

    /// <summary>A file of COCO with the coins and balls of the first pictures.</summary>
    public static byte[] CocoOfCards(int pictures) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        images = Enumerable.Range(1, pictures).Select(i => new { id = i, file_name = $"card {i}.png", width = CardWidth, height = CardHeight }),
        categories = new[] { new { id = 1, name = "coin" }, new { id = 2, name = "ball" } },
        annotations = Enumerable.Range(1, pictures).SelectMany(i => new[] { Outlined((2 * i) - 1, i, 1, CoinOf(i)), Outlined(2 * i, i, 2, BallOf(i)) }),
    });

    /// <summary>A file of COCO with two rectangles of a class on <c>room.jpg</c>.</summary>
    public static byte[] CocoOfRoom(string className) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        images = new[] { new { id = 1, file_name = "room.jpg", width = 640, height = 480 } },
        categories = new[] { new { id = 1, name = className } },
        annotations = new[] { Rectangle(1, 100, 100, 200, 80), Rectangle(2, 350, 250, 100, 120) },
    });

    public void Dispose()
    {
        try
        {
            _folder.Delete(recursive: true);
        }
        catch (IOException)
        {
            // A process that was killed a moment ago may still hold its files; the system's temporary folder is emptied anyway.
        }
    }

    private static object Outlined(int id, int picture, int category, (int X, int Y, int Radius) place)
    {
        BinaryMask disc = Disc(place);
        PixelBox box = disc.Bounds;
        return new
        {
            id,
            image_id = picture,
            category_id = category,
            iscrowd = 0,
            area = disc.Area,
            bbox = new[] { box.X, box.Y, box.Width, box.Height },
            segmentation = Rle.Encode(disc),
        };
    }

    private static BinaryMask Disc((int X, int Y, int Radius) place)
    {
        var disc = new BinaryMask(CardWidth, CardHeight);
        for (int row = -place.Radius; row <= place.Radius; row++)
        {
            int half = (int)Math.Sqrt((place.Radius * place.Radius) - (row * row));
            disc.SetSpan(place.Y + row, place.X - half, place.X + half + 1);
        }

        return disc;
    }

    private static void Paint(RgbImage image, BinaryMask mask, byte red, byte green, byte blue)
    {
        for (int y = 0; y < mask.Height; y++)
        {
            for (int x = mask.NextSet(y, 0); x < mask.Width; x = mask.NextSet(y, x + 1))
                new[] { red, green, blue }.CopyTo(image.Pixels.AsSpan(3 * ((y * mask.Width) + x), 3));
        }
    }

    private static object Rectangle(int id, int x, int y, int width, int height) => new
    {
        id,
        image_id = 1,
        category_id = 1,
        iscrowd = 0,
        area = width * height,
        bbox = new[] { x, y, width, height },
        segmentation = new[] { new[] { x, y, x + width, y, x + width, y + height, x, y + height } },
    };
}
