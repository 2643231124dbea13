namespace PocketSam;

/// <summary>A picture: 8-bit red, green, blue, row by row from the top, no padding between rows.</summary>
public sealed class RgbImage
{
    /// <summary>More do not fit into an array.</summary>
    internal static int MaxPixels => Array.MaxLength / 3;

    /// <summary>Wraps pixels without copying them.</summary>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="pixels"><c>height x width x 3</c> bytes, R G B.</param>
    /// <exception cref="ArgumentException">The array is not of that size.</exception>
    public RgbImage(int width, int height, byte[] pixels)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (pixels.LongLength != 3L * width * height)
        {
            throw new ArgumentException(
                $"a picture of {width}x{height} has {3L * width * height} bytes, not {pixels.LongLength}", nameof(pixels));
        }

        Width = width;
        Height = height;
        Pixels = pixels;
    }

    /// <summary>A black picture.</summary>
    public RgbImage(int width, int height)
        : this(width, height, new byte[checked(3 * width * height)])
    {
    }

    /// <summary>Pixels in a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>The bytes themselves, <c>[height, width, 3]</c>.</summary>
    public byte[] Pixels { get; }

    /// <summary>A copy of a part.</summary>
    /// <exception cref="ArgumentException">The box is empty or reaches outside of the picture.</exception>
    public RgbImage Crop(PixelBox box)
    {
        box.RequireInside(Width, Height);
        var part = new RgbImage(box.Width, box.Height);
        for (int y = 0; y < box.Height; y++)
        {
            Buffer.BlockCopy(
                Pixels, checked(3 * ((box.Y + y) * Width + box.X)), part.Pixels, 3 * y * box.Width, 3 * box.Width);
        }

        return part;
    }
}
