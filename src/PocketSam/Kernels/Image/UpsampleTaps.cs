namespace PocketSam.Kernels.Image;

/// <summary>
/// The resampling of a low-resolution mask to its picture along one axis: bilinear to the padded input, cropped to the
/// part that is picture, bilinear to the picture's size (half-pixel centres both times). The two linear steps are one:
/// each pixel of the picture is a weighted sum of at most three neighbouring values.
/// </summary>
internal sealed class UpsampleTaps
{
    /// <summary>Values in a pixel's sum.</summary>
    public const int Taps = 3;

    /// <summary>
    /// Taps from <paramref name="source"/> values to <paramref name="padded"/> pixels, of which the first
    /// <paramref name="resized"/> become <paramref name="target"/> pixels. <paramref name="padded"/> is at least
    /// <paramref name="source"/>, which is at least 3.
    /// </summary>
    public UpsampleTaps(int source, int padded, int resized, int target)
    {
        First = new int[target];
        Weights = new float[target * Taps];
        double inner = (double)source / padded, outer = (double)resized / target;
        for (int i = 0; i < target; i++)
        {
            (int j, double fraction) = Neighbours(outer, i, resized);
            (int a, double fa) = Neighbours(inner, j, source);
            (int b, double fb) = Neighbours(inner, Math.Min(j + 1, resized - 1), source);

            // Both are pairs of neighbours, and b is a or a + 1.
            int first = Math.Min(a, source - Taps);
            Span<float> w = Weights.AsSpan(i * Taps, Taps);
            w[a - first] += (float)((1 - fraction) * (1 - fa));
            w[Math.Min(a + 1, source - 1) - first] += (float)((1 - fraction) * fa);
            w[b - first] += (float)(fraction * (1 - fb));
            w[Math.Min(b + 1, source - 1) - first] += (float)(fraction * fb);
            First[i] = first;
        }
    }

    /// <summary>Index of the first of the three values of each pixel; never decreases.</summary>
    public int[] First { get; }

    /// <summary>The weights, <c>[target, 3]</c>.</summary>
    public float[] Weights { get; }

    /// <summary>
    /// Index of the value before pixel <paramref name="i"/>, and the pixel's distance from it, 0 to 1.
    /// </summary>
    private static (int Index, double Fraction) Neighbours(double scale, int i, int count)
    {
        double position = Math.Max(0, scale * (i + 0.5) - 0.5);
        int index = Math.Min((int)position, count - 1);
        return (index, position - index);
    }
}
