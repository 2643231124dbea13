using PocketSam.Imaging;

namespace PocketSam.Page.Tests;

/// <summary>Photos for the page.</summary>
internal static class Photos
{
    /// <summary>A file of <c>samples</c>.</summary>
    public static byte[] Sample(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "samples", name));

    /// <summary>
    /// A disc on a plain ground. The file holds the picture lying on its side; its EXIF block says so (orientation 6: turn
    /// clockwise).
    /// </summary>
    /// <param name="width">Columns of the upright picture.</param>
    /// <param name="height">Rows of the upright picture.</param>
    /// <param name="disc">Middle and radius of the disc in the upright picture.</param>
    public static byte[] DiscOnItsSide(int width, int height, (int X, int Y, int Radius) disc)
    {
        var stored = new RgbImage(height, width);
        Span<byte> pixels = stored.Pixels;
        for (int row = 0; row < width; row++)
        {
            for (int column = 0; column < height; column++)
            {
                // The upright pixel (x, y) is stored at column y of row width - 1 - x.
                int x = width - 1 - row, y = column;
                bool isInside = Square(x - disc.X) + Square(y - disc.Y) <= Square(disc.Radius);
                int at = 3 * ((row * height) + column);
                (pixels[at], pixels[at + 1], pixels[at + 2]) = isInside ? ((byte)220, (byte)60, (byte)50)
                    : ((byte)(70 + (y * 60 / height)), (byte)110, (byte)(90 + (x * 50 / width)));
            }
        }

        byte[] jpeg = ImageFile.EncodeJpeg(stored);
        return [.. jpeg.AsSpan(0, 2), .. OrientationSegment(6), .. jpeg.AsSpan(2)];
    }

    private static long Square(long value) => value * value;

    /// <summary>An APP1 segment with a TIFF directory of one entry, tag 0x0112.</summary>
    private static byte[] OrientationSegment(byte orientation) =>
    [
        0xFF, 0xE1, 0, 34,
        .. "Exif\0\0"u8,
        .. "MM\0*"u8, 0, 0, 0, 8,
        0, 1,
        0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0,
        0, 0, 0, 0,
    ];
}
