namespace PocketSam.Segmentation;

/// <summary>
/// The resampling of a map of logits along one axis: linear, and with a triangle filter as wide as the target's cells
/// where these are larger.
/// </summary>
internal sealed class LogitAxis
{
    private readonly int[] _first;
    private readonly float[][] _weights;
    private readonly bool[] _isInside;

    /// <param name="count">Number of target cells.</param>
    /// <param name="source">Number of source cells, at least 1.</param>
    /// <param name="scale">Length of a target cell in source cells.</param>
    /// <param name="offset">The target's start in source cells.</param>
    public LogitAxis(int count, int source, double scale, double offset)
    {
        (_first, _weights, _isInside) = (new int[count], new float[count][], new bool[count]);
        double reach = Math.Max(1, scale);
        for (int i = 0; i < count; i++)
        {
            double centre = offset + (i + 0.5) * scale, place = Math.Clamp(centre - 0.5, 0, source - 1);
            _isInside[i] = centre >= 0 && centre < source;
            int first = Math.Max(0, (int)Math.Ceiling(place - reach)), last = Math.Min(source - 1, (int)Math.Floor(place + reach));
            double[] weights = [.. Enumerable.Range(first, last - first + 1).Select(j => Math.Max(0, 1 - Math.Abs(j - place) / reach))];
            double sum = weights.Sum();
            (_first[i], _weights[i]) = (first, [.. weights.Select(w => (float)(w / sum))]);
        }
    }

    /// <summary>Whether the centre of a target cell is in the source.</summary>
    public bool IsInside(int cell) => _isInside[cell];

    /// <summary>The value of a target cell.</summary>
    public static float Sample(MaskLogits source, LogitAxis columns, int x, LogitAxis rows, int y)
    {
        float[] across = columns._weights[x], down = rows._weights[y];
        float sum = 0;
        for (int j = 0; j < down.Length; j++)
        {
            if (down[j] != 0)
            {
                ReadOnlySpan<float> row = source.Values.Slice((rows._first[y] + j) * source.Side + columns._first[x], across.Length);
                sum += down[j] * System.Numerics.Tensors.TensorPrimitives.Dot(row, across);
            }
        }

        return sum;
    }
}
