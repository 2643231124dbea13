using PocketSam.Masks;

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

    /// <summary>A picture from pixels of another layout, copied.</summary>
    /// <param name="pixels">The pixels, row by row from the top; what lies behind the last one is not looked at.</param>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="layout">How the samples of a pixel lie. A fourth byte is dropped, not composited.</param>
    /// <param name="stride">Bytes from a row to the next; 0 where rows follow each other without padding.</param>
    /// <exception cref="ArgumentException">The stride is shorter than a row, or pixels are missing.</exception>
    public static RgbImage FromPixels(
        ReadOnlySpan<byte> pixels, int width, int height, PixelLayout layout, int stride = 0)
    {
        var image = new RgbImage(width, height);
        image.SetRows(0, height, pixels, layout, stride);
        return image;
    }

    /// <summary>A picture from a stream of bare pixels, as a camera or another process writes them.</summary>
    /// <param name="stream">Stands before the first pixel, and then behind the last one.</param>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="layout">How the samples of a pixel lie. A fourth byte is dropped, not composited.</param>
    /// <param name="stride">Bytes from a row to the next; 0 where rows follow each other without padding.</param>
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
            // No padding is asked for behind the last row.
            stream.ReadExactly(row, 0, y < height - 1 ? stride : length);
            image.SetRows(y, 1, row, layout, stride);
        }

        return image;
    }

    /// <summary>Overwrites rows by pixels of any layout.</summary>
    /// <param name="firstRow">The first row that is overwritten, from 0.</param>
    /// <param name="rows">How many are.</param>
    /// <param name="pixels">Their pixels; what lies behind the last one is not looked at.</param>
    /// <param name="layout">How the samples of a pixel lie. A fourth byte is dropped, not composited.</param>
    /// <param name="stride">Bytes from a row to the next; 0 where rows follow each other without padding.</param>
    /// <exception cref="ArgumentException">
    /// Rows outside of the picture, a stride shorter than a row, or missing pixels.
    /// </exception>
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

    private (int Length, int Stride) RowOf(PixelLayout layout, int stride)
    {
        int length = checked(Width * PixelRow.BytesOf(layout));
        if (stride != 0 && stride < length)
            throw new ArgumentException($"a stride of {stride} bytes where a row has {length}", nameof(stride));
        return (length, stride == 0 ? length : stride);
    }
}
