using System.Buffers;
using System.Runtime.Intrinsics;

namespace PocketSam.Training.Data.Effects;

/// <summary>
/// Simulates writing a picture as baseline JPEG and reading it back: YCbCr, chroma at half size, 8 x 8 cosine
/// transform, quantisation with the standard's example tables (ITU-T T.81, annex K).
/// </summary>
internal static class JpegArtifacts
{
    private static ReadOnlySpan<byte> LumaTable =>
    [
        16, 11, 10, 16, 24, 40, 51, 61,
        12, 12, 14, 19, 26, 58, 60, 55,
        14, 13, 16, 24, 40, 57, 69, 56,
        14, 17, 22, 29, 51, 87, 80, 62,
        18, 22, 37, 56, 68, 109, 103, 77,
        24, 35, 55, 64, 81, 104, 113, 92,
        49, 64, 78, 87, 103, 121, 120, 101,
        72, 92, 95, 98, 112, 100, 103, 99,
    ];

    private static ReadOnlySpan<byte> ChromaTable =>
    [
        17, 18, 24, 47, 99, 99, 99, 99,
        18, 21, 26, 66, 99, 99, 99, 99,
        24, 26, 56, 99, 99, 99, 99, 99,
        47, 66, 99, 99, 99, 99, 99, 99,
        99, 99, 99, 99, 99, 99, 99, 99,
        99, 99, 99, 99, 99, 99, 99, 99,
        99, 99, 99, 99, 99, 99, 99, 99,
        99, 99, 99, 99, 99, 99, 99, 99,
    ];

    /// <summary>Applies the artefacts. Quality, 1 to 100, scales the tables as the IJG's libjpeg does.</summary>
    public static void Apply(PlanarImage image, int quality, bool halveChroma)
    {
        ToYCbCr(image);
        Compress(image.Red, image.Width, image.Height, Steps(LumaTable, quality));
        float[] chroma = Steps(ChromaTable, quality);
        for (int channel = 1; channel < 3; channel++)
        {
            if (halveChroma)
                CompressHalved(image.Plane(channel), image.Width, image.Height, chroma);
            else
                Compress(image.Plane(channel), image.Width, image.Height, chroma);
        }

        ToRgb(image);
    }

    private static float[] Steps(ReadOnlySpan<byte> table, int quality)
    {
        int scale = quality < 50 ? 5000 / quality : 200 - 2 * quality;
        float[] steps = new float[64];
        for (int i = 0; i < 64; i++)
            steps[i] = Math.Clamp((table[i] * scale + 50) / 100, 1, 255);
        return steps;
    }

    /// <summary>
    /// Rounds to bytes, as an encoder's input is, then stores luma less 128 in the red plane and Cb and Cr in the
    /// others.
    /// </summary>
    private static void ToYCbCr(PlanarImage image)
    {
        Span<float> red = image.Red, green = image.Green, blue = image.Blue;
        for (int i = 0; i < red.Length; i++)
        {
            float r = ToStep(red[i]), g = ToStep(green[i]), b = ToStep(blue[i]);
            float luma = 0.299f * r + 0.587f * g + 0.114f * b;
            red[i] = luma - 128;
            green[i] = (b - luma) * (0.5f / 0.886f);
            blue[i] = (r - luma) * (0.5f / 0.701f);
        }
    }

    private static void ToRgb(PlanarImage image)
    {
        Span<float> red = image.Red, green = image.Green, blue = image.Blue;
        for (int i = 0; i < red.Length; i++)
        {
            float luma = red[i] + 128, cb = green[i], cr = blue[i];
            red[i] = luma + 1.402f * cr;
            green[i] = luma - 0.344136f * cb - 0.714136f * cr;
            blue[i] = luma + 1.772f * cb;
        }
    }

    private static float ToStep(float value) => (int)(Math.Min(Math.Max(value, 0f), 255f) + 0.5f);

    private static void CompressHalved(Span<float> plane, int width, int height, float[] steps)
    {
        int halfWidth = (width + 1) / 2;
        int halfHeight = (height + 1) / 2;
        float[] rented = ArrayPool<float>.Shared.Rent(halfWidth * halfHeight);
        Span<float> half = rented.AsSpan(0, halfWidth * halfHeight);
        for (int y = 0; y < halfHeight; y++)
        {
            Span<float> upper = plane.Slice(2 * y * width, width);
            Span<float> lower = plane.Slice(Math.Min(2 * y + 1, height - 1) * width, width);
            for (int x = 0; x < halfWidth; x++)
            {
                int right = Math.Min(2 * x + 1, width - 1);
                half[y * halfWidth + x] = (upper[2 * x] + upper[right] + lower[2 * x] + lower[right]) * 0.25f;
            }
        }

        Compress(half, halfWidth, halfHeight, steps);
        for (int y = 0; y < height; y++)
        {
            Span<float> target = plane.Slice(y * width, width);
            Span<float> source = half.Slice(y / 2 * halfWidth, halfWidth);
            for (int x = 0; x < width; x++)
                target[x] = source[x >> 1];
        }

        ArrayPool<float>.Shared.Return(rented);
    }

    private static void Compress(Span<float> plane, int width, int height, float[] steps)
    {
        float[] inverseSteps = Array.ConvertAll(steps, step => 1 / step);
        DctBlock block = new();
        for (int top = 0; top < height; top += 8)
        {
            for (int left = 0; left < width; left += 8)
            {
                Load(plane, width, height, left, top, block.AsRows());
                block.Forward();
                block.Quantise(steps, inverseSteps);
                block.Inverse();
                Store(block.AsRows(), plane, width, height, left, top);
            }
        }
    }

    /// <summary>Reads a block; beyond the right and bottom edges the last pixel repeats.</summary>
    private static void Load(
        ReadOnlySpan<float> plane, int width, int height, int left, int top, Span<Vector256<float>> rows)
    {
        Span<float> edge = stackalloc float[8];
        for (int i = 0; i < 8; i++)
        {
            ReadOnlySpan<float> source = plane.Slice(Math.Min(top + i, height - 1) * width, width)[left..];
            if (source.Length < 8)
            {
                source.CopyTo(edge);
                edge[source.Length..].Fill(source[^1]);
                rows[i] = Vector256.Create<float>(edge);
            }
            else
            {
                rows[i] = Vector256.Create(source);
            }
        }
    }

    private static void Store(
        ReadOnlySpan<Vector256<float>> rows, Span<float> plane, int width, int height, int left, int top)
    {
        Span<float> edge = stackalloc float[8];
        for (int i = 0; i < Math.Min(8, height - top); i++)
        {
            Span<float> target = plane.Slice((top + i) * width, width)[left..];
            if (target.Length >= 8)
            {
                rows[i].CopyTo(target);
            }
            else
            {
                rows[i].CopyTo(edge);
                edge[..target.Length].CopyTo(target);
            }
        }
    }
}
