namespace PocketSam.Kernels.Image;

/// <summary>
/// The four neighbours and weights of PyTorch's bicubic interpolation along one axis (a = -0.75, half-pixel centres,
/// not antialiased; neighbours beyond an edge repeat the edge).
/// </summary>
internal static class BicubicTaps
{
    /// <summary>Neighbours of a value.</summary>
    public const int Count = 4;

    private const double A = -0.75;

    /// <summary>
    /// Computes the weights of the neighbours of value <paramref name="target"/> of <paramref name="to"/>, interpolated
    /// from <paramref name="from"/> values.
    /// </summary>
    /// <returns>Index of the first of the four neighbours; each may lie outside and is then clamped.</returns>
    public static int Weigh(int target, int from, int to, Span<double> weights)
    {
        double source = (target + 0.5) * from / to - 0.5, below = Math.Floor(source);
        for (int i = 0; i < Count; i++)
        {
            double d = Math.Abs(source - below + 1 - i);
            weights[i] = d <= 1 ? ((A + 2) * d - (A + 3)) * d * d + 1 : ((A * d - 5 * A) * d + 8 * A) * d - 4 * A;
        }

        return (int)below - 1;
    }
}
