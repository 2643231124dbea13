namespace PocketSam.Kernels.Image;

/// <summary>
/// A low-resolution mask's way back to its picture, along one axis: stretched bilinearly to the padded input, cut to
/// the part that is picture, stretched bilinearly to the picture's own size (half-pixel centres both times). Two linear
/// steps are one: each pixel of the picture is a sum of at most three neighbouring values.
/// </summary>
internal sealed class UpsampleTaps
{
    /// <summary>Values that make a pixel.</summary>
    public const int Taps = 3;

    /// <summary>
    /// From <paramref name="source"/> values to <paramref name="padded"/> pixels, of which the first
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

            // Both are pairs of neighbours, and b is a or the next one.
            int first = Math.Min(a, source - Taps);
            Span<float> w = Weights.AsSpan(i * Taps, Taps);
            w[a - first] += (float)((1 - fraction) * (1 - fa));
            w[Math.Min(a + 1, source - 1) - first] += (float)((1 - fraction) * fa);
            w[b - first] += (float)(fraction * (1 - fb));
            w[Math.Min(b + 1, source - 1) - first] += (float)(fraction * fb);
            First[i] = first;
        }
    }

    /// <summary>For each pixel the first of its three values; never smaller than the pixel before's.</summary>
    public int[] First { get; }

    /// <summary>The weights, <c>[target, 3]</c>.</summary>
    public float[] Weights { get; }

    /// <summary>The value before pixel <paramref name="i"/> and how far the pixel lies towards the next.</summary>
    private static (int Index, double Fraction) Neighbours(double scale, int i, int count)
    {
        double position = Math.Max(0, scale * (i + 0.5) - 0.5);
        int index = Math.Min((int)position, count - 1);
        return (index, position - index);
    }
}
