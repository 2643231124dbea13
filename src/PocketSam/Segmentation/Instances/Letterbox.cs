using PocketSam.Kernels;
using PocketSam.Kernels.Ops;
using PocketSam.Models.Yolo;

namespace PocketSam.Segmentation.Instances;

/// <summary>
/// The place of a picture in the input of a YOLOv8: resized until its longest side
/// is the input size, and centred in a gray rectangle whose sides are multiples of
/// 32, the smallest one or a square. Sizes are rounded as in Python, halves to even.
/// </summary>
internal sealed unsafe class Letterbox
{
    /// <summary>The gray value of the padding.</summary>
    private const byte Padding = 114;

    /// <summary>Steps per unit of the resize's weights.</summary>
    private const int Steps = 2048;

    private Letterbox(int width, int height, int inputSize, bool square)
    {
        (Width, Height) = (width, height);
        double scale = Math.Min((double)inputSize / height, (double)inputSize / width);
        ResizedWidth = Math.Max(1, (int)Math.Round(width * scale));
        ResizedHeight = Math.Max(1, (int)Math.Round(height * scale));
        int across = inputSize - ResizedWidth, down = inputSize - ResizedHeight;
        if (!square)
            (across, down) = (across % YoloSegmenter.Stride, down % YoloSegmenter.Stride);
        Left = (int)Math.Round(across / 2.0 - 0.1);
        Top = (int)Math.Round(down / 2.0 - 0.1);
        Right = (int)Math.Round(across / 2.0 + 0.1);
        Bottom = (int)Math.Round(down / 2.0 + 0.1);
    }

    /// <summary>The picture's size in pixels.</summary>
    public int Width { get; }

    public int Height { get; }

    /// <summary>The picture's size in the input, in pixels.</summary>
    public int ResizedWidth { get; }

    public int ResizedHeight { get; }

    /// <summary>Padding on each side, in pixels of the input.</summary>
    public int Left { get; }

    public int Top { get; }

    public int Right { get; }

    public int Bottom { get; }

    /// <summary>The input's size in pixels.</summary>
    public int InputWidth => Left + ResizedWidth + Right;

    public int InputHeight => Top + ResizedHeight + Bottom;

    /// <summary>The letterbox for a picture.</summary>
    /// <param name="width">Pixels in a row of the picture.</param>
    /// <param name="height">Rows of the picture.</param>
    /// <param name="inputSize">Longest side of the input in pixels, a multiple of 32.</param>
    /// <param name="square">Whether the input is a square.</param>
    public static Letterbox For(int width, int height, int inputSize, bool square) => new(width, height, inputSize, square);

    /// <summary>The input's bytes, RGB, <c>[InputHeight, InputWidth, 3]</c>.</summary>
    public byte[] Fill(RgbImage image)
    {
        byte[] input = GC.AllocateUninitializedArray<byte>(InputWidth * InputHeight * 3);
        Workers.ForRange(InputHeight, 16, (start, end) =>
        {
            for (int y = start; y < end; y++)
            {
                Span<byte> row = input.AsSpan(y * InputWidth * 3, InputWidth * 3);
                row.Fill(Padding);
                if (y >= Top && y < Top + ResizedHeight)
                    Resize(image, y - Top, row.Slice(Left * 3, ResizedWidth * 3));
            }
        });
        return input;
    }

    /// <summary>Converts the input's bytes to values from 0 to 1, in a map of the input's size.</summary>
    public static void ToMap(byte[] input, FeatureMap map)
        => Workers.ForRange(map.Height, 16, (start, end) =>
        {
            int row = map.Width * 3;
            for (int i = start * row; i < end * row; i++)
                map.Data[i] = input[i] / 255f;
        });

    /// <summary>
    /// Computes one row of the resized picture with the same bytes as OpenCV's bilinear resize of 8-bit pixels:
    /// positions in single precision, weights in steps of 1/2048, a row's sums without their four lowest bits. Halving
    /// in both directions is the mean of 2x2 squares.
    /// </summary>
    private void Resize(RgbImage image, int y, Span<byte> target)
    {
        ReadOnlySpan<byte> pixels = image.Pixels;
        if (Width == 2 * ResizedWidth && Height == 2 * ResizedHeight)
        {
            ReadOnlySpan<byte> first = pixels.Slice(2 * y * Width * 3, Width * 3), second = pixels.Slice((2 * y + 1) * Width * 3, Width * 3);
            for (int i = 0; i < target.Length; i++)
            {
                int from = i / 3 * 6 + i % 3;
                target[i] = (byte)((first[from] + first[from + 3] + second[from] + second[from + 3] + 2) >> 2);
            }

            return;
        }

        // Rows beyond the border repeat the border; columns there
        // have all their weight on the border, with the same result.
        (int row, int weight0, int weight1) = Tap(y, ResizedHeight, Height);
        ReadOnlySpan<byte> upper = pixels.Slice(Math.Clamp(row, 0, Height - 1) * Width * 3, Width * 3);
        ReadOnlySpan<byte> lower = pixels.Slice(Math.Clamp(row + 1, 0, Height - 1) * Width * 3, Width * 3);
        for (int x = 0; x < ResizedWidth; x++)
        {
            (int column, int left, int right) = Tap(x, ResizedWidth, Width);
            if (column < 0 || column >= Width - 1)
                (column, left, right) = (Math.Clamp(column, 0, Width - 1), Steps, 0);
            int a = column * 3, b = Math.Min(column + 1, Width - 1) * 3;
            for (int c = 0; c < 3; c++)
            {
                int first = left * upper[a + c] + right * upper[b + c], second = left * lower[a + c] + right * lower[b + c];
                target[x * 3 + c] = (byte)(((weight0 * (first >> 4) >> 16) + (weight1 * (second >> 4) >> 16) + 2) >> 2);
            }
        }
    }

    /// <summary>
    /// The pixel before a position in the resized picture, and the
    /// weights of that pixel and of the next, in steps of 1/2048.
    /// </summary>
    private static (int Cell, int First, int Second) Tap(int position, int resized, int original)
    {
        float place = (float)((position + 0.5) * (1 / ((double)resized / original)) - 0.5);
        float cell = MathF.Floor(place), fraction = place - cell;
        return ((int)cell, (int)MathF.Round((1f - fraction) * Steps), (int)MathF.Round(fraction * Steps));
    }
}
