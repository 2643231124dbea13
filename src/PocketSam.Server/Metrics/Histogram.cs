namespace PocketSam.Server.Observing;

/// <summary>How durations are spread, in seconds.</summary>
internal sealed class Histogram
{
    private readonly Lock _gate = new();
    private readonly double[] _bounds;
    private readonly long[] _counts;
    private double _sum;

    /// <param name="bounds">Upper bounds of the buckets, rising; one without bound comes after them.</param>
    public Histogram(params double[] bounds)
    {
        _bounds = bounds;
        _counts = new long[bounds.Length + 1];
    }

    public void Add(TimeSpan duration)
    {
        double seconds = duration.TotalSeconds;
        int bucket = 0;
        while (bucket < _bounds.Length && seconds > _bounds[bucket])
            bucket++;
        lock (_gate)
        {
            _counts[bucket]++;
            _sum += seconds;
        }
    }

    /// <summary>Durations of at most each bound, then all of them, and their sum.</summary>
    public ((double Bound, long Count)[] Buckets, double Sum) Read()
    {
        var buckets = new (double, long)[_counts.Length];
        lock (_gate)
        {
            long count = 0;
            for (int i = 0; i < buckets.Length; i++)
                buckets[i] = (i < _bounds.Length ? _bounds[i] : double.PositiveInfinity, count += _counts[i]);
            return (buckets, _sum);
        }
    }
}
