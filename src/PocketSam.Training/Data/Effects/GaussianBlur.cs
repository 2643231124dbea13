using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;

namespace PocketSam.Training.Data.Effects;

/// <summary>Separable Gaussian blur; beyond the border the edge pixel repeats.</summary>
internal static class GaussianBlur
{
    /// <summary>Blurs all three planes with a sigma in pixels; a sigma below 0.1 changes nothing.</summary>
    public static void Apply(PlanarImage image, float sigma)
    {
        for (int channel = 0; channel < 3; channel++)
            Apply(image.Plane(channel), image.Width, image.Height, sigma);
    }

    /// <summary>Blurs one plane in place.</summary>
    public static void Apply(Span<float> plane, int width, int height, float sigma)
    {
        if (sigma < 0.1f)
            return;

        float[] kernel = Kernel(sigma);
        int radius = kernel.Length - 1;
        int paddedWidth = width + 2 * radius;
        float[] down = ArrayPool<float>.Shared.Rent(width * height);
        float[] padded = ArrayPool<float>.Shared.Rent(paddedWidth);

        for (int y = 0; y < height; y++)
        {
            Span<float> target = down.AsSpan(y * width, width);
            Scale(plane.Slice(y * width, width), kernel[0], target);
            for (int k = 1; k <= radius; k++)
            {
                int above = Math.Max(y - k, 0);
                int below = Math.Min(y + k, height - 1);
                AddPair(plane.Slice(above * width, width), plane.Slice(below * width, width), kernel[k], target);
            }
        }

        for (int y = 0; y < height; y++)
        {
            Span<float> source = down.AsSpan(y * width, width);
            Span<float> row = padded.AsSpan(0, paddedWidth);
            row[..radius].Fill(source[0]);
            source.CopyTo(row[radius..]);
            row[(radius + width)..].Fill(source[^1]);

            Span<float> target = plane.Slice(y * width, width);
            Scale(source, kernel[0], target);
            for (int k = 1; k <= radius; k++)
                AddPair(row.Slice(radius - k, width), row.Slice(radius + k, width), kernel[k], target);
        }

        ArrayPool<float>.Shared.Return(padded);
        ArrayPool<float>.Shared.Return(down);
    }

    /// <summary>The centre and one half of the kernel, truncated at 3 sigma; the whole kernel sums to 1.</summary>
    private static float[] Kernel(float sigma)
    {
        int radius = Math.Max(1, (int)MathF.Ceiling(3 * sigma));
        double[] weights = new double[radius + 1];
        double total = 0;
        for (int k = 0; k <= radius; k++)
        {
            weights[k] = PortableMath.Exp(-0.5 * k * k / ((double)sigma * sigma));
            total += k == 0 ? weights[k] : 2 * weights[k];
        }

        return Array.ConvertAll(weights, weight => (float)(weight / total));
    }

    /// <summary>target = source * weight</summary>
    private static void Scale(ReadOnlySpan<float> source, float weight, Span<float> target)
    {
        ReadOnlySpan<Vector<float>> sources = MemoryMarshal.Cast<float, Vector<float>>(source);
        Span<Vector<float>> targets = MemoryMarshal.Cast<float, Vector<float>>(target);
        for (int i = 0; i < sources.Length; i++)
            targets[i] = sources[i] * weight;
        for (int i = sources.Length * Vector<float>.Count; i < source.Length; i++)
            target[i] = source[i] * weight;
    }

    /// <summary>target += (a + b) * weight</summary>
    private static void AddPair(ReadOnlySpan<float> a, ReadOnlySpan<float> b, float weight, Span<float> target)
    {
        ReadOnlySpan<Vector<float>> left = MemoryMarshal.Cast<float, Vector<float>>(a);
        ReadOnlySpan<Vector<float>> right = MemoryMarshal.Cast<float, Vector<float>>(b);
        Span<Vector<float>> targets = MemoryMarshal.Cast<float, Vector<float>>(target);
        for (int i = 0; i < targets.Length; i++)
            targets[i] += (left[i] + right[i]) * weight;
        for (int i = targets.Length * Vector<float>.Count; i < target.Length; i++)
            target[i] += (a[i] + b[i]) * weight;
    }
}
