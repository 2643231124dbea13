namespace PocketSam.Training.Distillation;

/// <summary>
/// Resamples maps between square grids over the same picture, because teacher and student may have different input
/// sizes. Upsampling is bilinear; downsampling widens the triangle filter, as Pillow does for pictures.
/// </summary>
internal sealed class MapResampler
{
    private readonly int _from;
    private readonly int _to;
    private readonly int[] _first;
    private readonly float[][] _weights;

    public MapResampler(int from, int to)
    {
        (_from, _to) = (from, to);
        _first = new int[to];
        _weights = new float[to][];
        double scale = (double)from / to, support = Math.Max(1, scale);
        for (int i = 0; i < to; i++)
        {
            double centre = (i + 0.5) * scale;
            int low = Math.Max(0, (int)Math.Ceiling(centre - support - 0.5));
            int high = Math.Min(from - 1, (int)Math.Floor(centre + support - 0.5));
            double[] weights = [.. Enumerable.Range(low, high - low + 1).Select(j => 1 - Math.Abs(j + 0.5 - centre) / support)];
            double sum = weights.Sum();
            _first[i] = low;
            _weights[i] = [.. weights.Select(w => (float)(w / sum))];
        }
    }

    /// <summary>Resamples <c>[from, from, channels]</c> to <c>[to, to, channels]</c>.</summary>
    public void Run(ReadOnlySpan<float> source, Span<float> target, int channels)
    {
        if (_from == _to)
        {
            source.CopyTo(target);
            return;
        }

        float[] row = new float[_from * channels];
        for (int y = 0; y < _to; y++)
        {
            Array.Clear(row);
            for (int i = 0; i < _weights[y].Length; i++)
                Add(source.Slice((_first[y] + i) * row.Length, row.Length), _weights[y][i], row);
            for (int x = 0; x < _to; x++)
            {
                Span<float> cell = target.Slice((y * _to + x) * channels, channels);
                cell.Clear();
                for (int i = 0; i < _weights[x].Length; i++)
                    Add(row.AsSpan((_first[x] + i) * channels, channels), _weights[x][i], cell);
            }
        }
    }

    private static void Add(ReadOnlySpan<float> source, float weight, Span<float> sum)
        => System.Numerics.Tensors.TensorPrimitives.MultiplyAdd(source, weight, sum, sum);
}
