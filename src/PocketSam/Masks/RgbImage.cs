using PocketSam.Masks;

namespace PocketSam;

/// <summary>A picture: 8-bit red, green, blue, row by row from the top, without padding between rows.</summary>
public sealed class RgbImage
{
    /// <summary>The most pixels whose bytes fit into an array.</summary>
    internal static int MaxPixels => Array.MaxLength / 3;

    /// <summary>Wraps pixels without copying them.</summary>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="pixels"><c>[height, width, 3]</c> bytes, red, green, blue.</param>
    /// <exception cref="ArgumentException">A side is below 1, or the array has another size.</exception>
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
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <exception cref="ArgumentException">A side is below 1, or the bytes do not fit into an array.</exception>
    public RgbImage(int width, int height)
        : this(width, height, new byte[ByteCount(width, height)])
    {
    }

    /// <summary>Pixels in a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>The bytes, <c>[height, width, 3]</c>; not a copy.</summary>
    public byte[] Pixels { get; }

    private static int ByteCount(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        return (long)width * height <= MaxPixels
            ? 3 * width * height
            : throw new ArgumentException($"a picture of {width}x{height} has more than {MaxPixels} pixels", nameof(width));
    }

    /// <summary>Copies pixels of another layout.</summary>
    /// <param name="pixels">The pixels, row by row from the top; bytes after the last pixel are ignored.</param>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="layout">The order of the samples of a pixel. A fourth byte is dropped, not composited.</param>
    /// <param name="stride">Bytes from one row to the next; 0 for rows without padding.</param>
    /// <exception cref="ArgumentException">The stride is shorter than a row, or pixels are missing.</exception>
    public static RgbImage FromPixels(
        ReadOnlySpan<byte> pixels, int width, int height, PixelLayout layout, int stride = 0)
    {
        var image = new RgbImage(width, height);
        image.SetRows(0, height, pixels, layout, stride);
        return image;
    }

    /// <summary>Reads raw pixels from a stream, as a camera or another process writes them.</summary>
    /// <param name="stream">Positioned at the first pixel; afterwards at the end of the last one.</param>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="layout">The order of the samples of a pixel. A fourth byte is dropped, not composited.</param>
    /// <param name="stride">Bytes from one row to the next; 0 for rows without padding.</param>
    /// <exception cref="ArgumentException">The stride is shorter than a row.</exception>
    /// <exception cref="EndOfStreamException">The stream ends before the last pixel.</exception>
    public static RgbImage FromPixels(Stream stream, int width, int height, PixelLayout layout, int stride = 0)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var image = new RgbImage(width, height);
        (int length, stride) = image.RowOf(layout, stride);
        byte[] row = new byte[stride];
        for (int y = 0; y < height; y++)
        {
            // The last row needs no padding.
            stream.ReadExactly(row, 0, y < height - 1 ? stride : length);
            image.SetRows(y, 1, row, layout, stride);
        }

        return image;
    }

    /// <summary>Overwrites rows with pixels of any layout.</summary>
    /// <param name="firstRow">The first row to overwrite, from 0.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="pixels">The pixels; bytes after the last pixel are ignored.</param>
    /// <param name="layout">The order of the samples of a pixel. A fourth byte is dropped, not composited.</param>
    /// <param name="stride">Bytes from one row to the next; 0 for rows without padding.</param>
    /// <exception cref="ArgumentException">Rows are outside the picture,
    /// the stride is shorter than a row, or pixels are missing.</exception>
    public void SetRows(int firstRow, int rows, ReadOnlySpan<byte> pixels, PixelLayout layout, int stride = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(firstRow);
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows, Height - firstRow);
        (int length, stride) = RowOf(layout, stride);
        long needed = rows == 0 ? 0 : (rows - 1L) * stride + length;
        if (pixels.Length < needed)
            throw new ArgumentException($"{pixels.Length} bytes where {rows} rows take {needed}", nameof(pixels));
        for (int y = 0; y < rows; y++)
        {
            PixelRow.Convert(
                pixels.Slice(y * stride, length), layout, Pixels.AsSpan(3 * (firstRow + y) * Width, 3 * Width));
        }
    }

    /// <summary>A copy of a part.</summary>
    /// <exception cref="ArgumentException">The box is empty or reaches outside the picture.</exception>
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

    private (int Length, int Stride) RowOf(PixelLayout layout, int stride)
    {
        int length = checked(Width * PixelRow.BytesOf(layout));
        if (stride != 0 && stride < length)
            throw new ArgumentException($"a stride of {stride} bytes where a row has {length}", nameof(stride));
        return (length, stride == 0 ? length : stride);
    }
}
