namespace PocketSam.Kernels.Image;

/// <summary>
/// The source pixels and weights of each target pixel along one axis: the filter, stretched by the scale when shrinking
/// and unstretched when enlarging. The arithmetic is that of Pillow's resampling of 8-bit pictures: weights are
/// normalised to a sum of one in double precision, then rounded to 22 fractional bits.
/// </summary>
internal sealed class ResampleTaps
{
    /// <summary>A weight of one is 2 to this power: 32 bits less the 8 of a pixel and 2 in reserve.</summary>
    public const int FractionBits = 32 - 8 - 2;

    private ResampleTaps(int target, int stride)
    {
        Stride = stride;
        First = new int[target];
        Count = new int[target];
        Weights = new int[(long)target * stride];
    }

    /// <summary>Elements of <see cref="Weights"/> for each target pixel.</summary>
    public int Stride { get; }

    /// <summary>Index of the first source pixel of each target pixel.</summary>
    public int[] First { get; }

    /// <summary>Number of source pixels of each target pixel.</summary>
    public int[] Count { get; }

    /// <summary>The weights, <c>[target, Stride]</c>, with <see cref="FractionBits"/> fractional bits.</summary>
    public int[] Weights { get; }

    /// <summary>Bilinear taps from <paramref name="source"/> to <paramref name="target"/> pixels.</summary>
    public static ResampleTaps Between(int source, int target) => Between(source, target, ResampleFilter.Bilinear, 0, target);

    /// <summary>
    /// Taps from <paramref name="source"/> to <paramref name="target"/> pixels for a range of the target.
    /// </summary>
    /// <param name="source">Number of source pixels.</param>
    /// <param name="target">Number of target pixels.</param>
    /// <param name="filter">The filter.</param>
    /// <param name="start">The first target pixel of the range.</param>
    /// <param name="count">Number of target pixels in the range.</param>
    public static ResampleTaps Between(int source, int target, ResampleFilter filter, int start, int count)
    {
        double support = filter == ResampleFilter.Bicubic ? 2.0 : 1.0;
        double scale = (double)source / target, stretch = Math.Max(scale, 1.0), radius = support * stretch, inverse = 1.0 / stretch;
        int stride = 2 * (int)Math.Ceiling(radius) + 1;
        var taps = new ResampleTaps(count, stride);
        double[] weights = new double[stride];
        for (int i = 0; i < count; i++)
        {
            double centre = (i + start + 0.5) * scale;
            int first = Math.Max(0, (int)(centre - radius + 0.5));
            int pixels = Math.Min(source, (int)(centre + radius + 0.5)) - first;
            double sum = 0;
            for (int k = 0; k < pixels; k++)
            {
                weights[k] = Weight((k + first - centre + 0.5) * inverse, filter);
                sum += weights[k];
            }

            for (int k = 0; k < pixels; k++)
            {
                double weight = (sum != 0.0 ? weights[k] / sum : 0.0) * (1 << FractionBits);
                taps.Weights[(long)i * stride + k] = (int)(weight < 0 ? weight - 0.5 : weight + 0.5);
            }

            (taps.First[i], taps.Count[i]) = (first, pixels);
        }

        return taps;
    }

    private static double Weight(double x, ResampleFilter filter)
    {
        const double A = -0.5;
        x = Math.Abs(x);
        if (filter == ResampleFilter.Bilinear)
            return Math.Max(0.0, 1.0 - x);
        return x < 1 ? ((A + 2) * x - (A + 3)) * x * x + 1 : x < 2 ? (((x - 5) * x + 8) * x - 4) * A : 0;
    }
}
