using System.Text.Json;
using PocketSam.Imaging;

namespace PocketSam.Page.Tests;

/// <summary>A folder of pictures to label; removed afterwards.</summary>
internal sealed class LabelFolder : IDisposable
{
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
