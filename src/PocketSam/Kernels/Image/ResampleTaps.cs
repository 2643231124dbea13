namespace PocketSam.Kernels.Image;

/// <summary>
/// Which source pixels make a target pixel along one axis, and with what weights: the triangle filter, as wide as a
/// target pixel when shrinking and as a source pixel when enlarging. The arithmetic is that of Pillow's resampling of
/// 8-bit pictures: weights add up to one in double precision and are then rounded to 22 fractional bits.
/// </summary>
internal sealed class ResampleTaps
{
    /// <summary>A weight of one is 2 to this power: 32 bits less 8 of the pixel and 2 to spare.</summary>
    public const int FractionBits = 32 - 8 - 2;

    private ResampleTaps(int target, int stride)
    {
        Stride = stride;
        First = new int[target];
        Count = new int[target];
        Weights = new uint[(long)target * stride];
    }

    /// <summary>Room for the weights of one target pixel.</summary>
    public int Stride { get; }

    /// <summary>For each target pixel the first of its source pixels.</summary>
    public int[] First { get; }

    /// <summary>The number of its source pixels.</summary>
    public int[] Count { get; }

    /// <summary>Their weights, <c>[target, Stride]</c>; none is negative.</summary>
    public uint[] Weights { get; }

    /// <summary>The taps from <paramref name="source"/> to <paramref name="target"/> pixels.</summary>
    public static ResampleTaps Between(int source, int target)
    {
        double scale = (double)source / target, radius = Math.Max(scale, 1.0), inverse = 1.0 / radius;
        int stride = 2 * (int)Math.Ceiling(radius) + 1;
        var taps = new ResampleTaps(target, stride);
        double[] weights = new double[stride];
        for (int i = 0; i < target; i++)
        {
            double centre = (i + 0.5) * scale;
            int first = Math.Max(0, (int)(centre - radius + 0.5));
            int count = Math.Min(source, (int)(centre + radius + 0.5)) - first;
            double sum = 0;
            for (int k = 0; k < count; k++)
            {
                weights[k] = Math.Max(0.0, 1.0 - Math.Abs((k + first - centre + 0.5) * inverse));
                sum += weights[k];
            }

            for (int k = 0; k < count; k++)
            {
                double weight = sum != 0.0 ? weights[k] / sum : 0.0;
                taps.Weights[(long)i * stride + k] = (uint)(0.5 + weight * (1 << FractionBits));
            }

            (taps.First[i], taps.Count[i]) = (first, count);
        }

        return taps;
    }
}
