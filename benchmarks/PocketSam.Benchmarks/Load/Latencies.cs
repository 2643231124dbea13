using System.Diagnostics;

namespace PocketSam.Benchmarks.Load;

/// <summary>Times of requests, gathered by any number of threads.</summary>
internal sealed class Latencies
{
    private readonly Lock _gate = new();
    private readonly List<double> _milliseconds = [];
    private readonly List<string> _messages = [];
    private readonly long _start = Stopwatch.GetTimestamp();
    private long _end;

    public int Count => _milliseconds.Count;

    public int Errors => _messages.Count;

    public IEnumerable<string> Messages => _messages;

    public double Median => Percentile(50);

    /// <summary>From the first request to the end of the last one.</summary>
    public double Seconds => Stopwatch.GetElapsedTime(_start, _end).TotalSeconds;

    /// <summary>Times one request, which tells its error or null.</summary>
    public async Task MeasureAsync(Func<Task<string?>> request)
    {
        long start = Stopwatch.GetTimestamp();
        string? error;
        try
        {
            error = await request();
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            error = e.Message;
        }

        lock (_gate)
        {
            _end = Stopwatch.GetTimestamp();
            _milliseconds.Add(Stopwatch.GetElapsedTime(start, _end).TotalMilliseconds);
            if (error is not null)
                _messages.Add(error);
        }
    }

    /// <summary>The time within which so many of a hundred requests were answered.</summary>
    public double Percentile(double percent)
    {
        double[] sorted = [.. _milliseconds.Order()];
        return sorted[Math.Clamp((int)Math.Ceiling(percent / 100 * sorted.Length) - 1, 0, sorted.Length - 1)];
    }
}
