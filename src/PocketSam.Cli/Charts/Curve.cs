namespace PocketSam.Training.Optimization.Curves;

/// <summary>A measured quantity over the steps of a training that measured it.</summary>
/// <param name="name">Its column.</param>
internal sealed class Curve(string name)
{
    /// <summary>Most points that are drawn of a curve.</summary>
    public const int MaxPoints = 1000;

    /// <summary>A mean reaches this far at least, if there are enough values.</summary>
    private const int MinReach = 15;

    /// <summary>The mean at the first step reaches this part of the way.</summary>
    private const int StartShare = 8;

    private readonly List<long> _steps = [];
    private readonly List<double> _values = [];

    public string Name { get; } = name;

    /// <summary>Values added.</summary>
    public int Count => _steps.Count;

    /// <summary>Values that a mean is taken of, the edges of the curve excepted.</summary>
    public int Window => 2 * Reach + 1;

    /// <summary>Values on either side of the middle one: a fortieth of all, or an eighth where there are few.</summary>
    private int Reach => Math.Max(Count / 40, Math.Min(Count / 8, MinReach));

    /// <summary>Adds the value of a step; one that is not finite is passed over.</summary>
    public void Add(long step, double value)
    {
        if (!double.IsFinite(value))
            return;
        _steps.Add(step);
        _values.Add(value);
    }

    /// <summary>The values themselves, evenly thinned to <see cref="MaxPoints"/>.</summary>
    public IReadOnlyList<(long Step, double Value)> Points() => [.. Places().Select(i => (_steps[i], _values[i]))];

    /// <summary>
    /// At the same steps the means of the values around them: of fewer at the start, where a loss falls fastest and a
    /// mean over mostly later values would be too low.
    /// </summary>
    public IReadOnlyList<(long Step, double Value)> Means()
    {
        double[] sums = new double[Count + 1];
        for (int i = 0; i < Count; i++)
            sums[i + 1] = sums[i] + _values[i];
        int most = Reach, least = (most + StartShare - 1) / StartShare;
        return
        [
            .. Places().Select(i =>
            {
                int reach = Math.Min(most, Math.Max(least, i));
                int start = Math.Max(0, i - reach), end = Math.Min(Count, i + reach + 1);
                return (_steps[i], (sums[end] - sums[start]) / (end - start));
            }),
        ];
    }

    /// <summary>The first value, the last, and evenly spaced ones between.</summary>
    private IEnumerable<int> Places()
        => Count <= MaxPoints
            ? Enumerable.Range(0, Count)
            : Enumerable.Range(0, MaxPoints).Select(i => (int)((long)i * (Count - 1) / (MaxPoints - 1)));
}
