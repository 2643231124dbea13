using System.Text;

namespace PocketSam.Imaging.Tests;

/// <summary>The files in Fixtures, and the pixels other programs decoded from them.</summary>
internal static class Fixture
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Fixtures");

    public static string PathOf(string name) => Path.Combine(Folder, name);

    public static byte[] Bytes(string name) => File.ReadAllBytes(PathOf(name));

    public static RgbImage Expected(string name) => ReadPpm(PathOf(name + ".ppm"));

    public static RgbImage Base() => ReadPpm(PathOf("base.ppm"));

    public static IEnumerable<string> Pictures() => Directory.EnumerateFiles(Folder)
        .Where(path => Path.GetExtension(path) is ".jpg" or ".png" or ".webp")
        .Select(path => Path.GetFileName(path))
        .Order(StringComparer.Ordinal);

    public static void AssertSame(RgbImage expected, RgbImage actual)
    {
        Assert.Equal((expected.Width, expected.Height), (actual.Width, actual.Height));
        Assert.Equal(expected.Pixels, actual.Pixels);
    }

    /// <summary>Binary PPM without comments: "P6", width, height, 255, one white space, pixels.</summary>
    private static RgbImage ReadPpm(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        string[] header = Encoding.Latin1.GetString(bytes, 0, 20).Split([' ', '\n']);
        Assert.Equal(("P6", "255"), (header[0], header[3]));
        int width = int.Parse(header[1]);
        int height = int.Parse(header[2]);
        return new RgbImage(width, height, bytes[^(3 * width * height)..]);
    }
}
