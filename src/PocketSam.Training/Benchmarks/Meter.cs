using System.Diagnostics;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Training.Benchmarks;

/// <summary>
/// Measures durations, and speeds as fractions of the multiply-add peak. The peak is measured again before and after each
/// thing, since a shared machine does not stay as fast as it was.
/// </summary>
/// <param name="threads">Threads that everything runs on.</param>
/// <param name="runs">Fewest runs of each thing; the median counts.</param>
/// <param name="progress">Told what is being measured.</param>
/// <param name="cancellation">Stops between two runs.</param>
public sealed class Meter(int threads, int runs, IProgress<string> progress, CancellationToken cancellation)
{
    /// <summary>Things that take no time are run for so long, milliseconds.</summary>
    private const double LeastTime = 200;

    private readonly List<double> _peaks = [];

    /// <summary>Bits of the vectors in use.</summary>
    public static int SimdBits => 32 * Simd.Width;

    /// <summary>The multiply-add peak at this moment, GFLOP/s.</summary>
    /// <param name="threads">Threads that work at once.</param>
    public static double MeasurePeak(int threads) => FmaPeak.Measure(threads);

    /// <summary>Median of the peaks that were measured on the way; measured now where there is none.</summary>
    public double Peak => _peaks.Count > 0 ? Median(_peaks) : FmaPeak.Measure(threads);

    /// <summary>Stops a measured thing.</summary>
    internal CancellationToken Cancellation => cancellation;

    /// <summary>Measures what an action takes.</summary>
    /// <param name="name">What it does.</param>
    /// <param name="flops">Operations of one item; 0 where they are not counted.</param>
    /// <param name="action">Runs once before it is measured.</param>
    /// <param name="items">Items that one run does; the result is what one of them takes.</param>
    /// <param name="peakOf">Most operations a second, 10^9, of so many threads; null for the multiply-add peak.</param>
    public Measurement Measure(string name, double flops, Action action, int items = 1, Func<int, double>? peakOf = null)
    {
        progress.Report(name);
        action();
        var sample = new Sample(action, items);
        double before = (peakOf ?? FmaPeak.Measure)(threads);
        long begin = Stopwatch.GetTimestamp();
        while (sample.Count < runs || Stopwatch.GetElapsedTime(begin).TotalMilliseconds < LeastTime)
        {
            cancellation.ThrowIfCancellationRequested();
            sample.Take();
        }

        double peak = (before + (peakOf ?? FmaPeak.Measure)(threads)) / 2;
        if (peakOf is null)
            _peaks.Add(peak);
        return sample.ToMeasurement(name, threads, flops, peak);
    }

    /// <summary>Measures what several actions take, one run of each after the other, so that all see the same machine.</summary>
    /// <param name="flops">Operations of each; 0 where they are not counted.</param>
    /// <param name="actions">What they do; each runs once before it is measured.</param>
    public IReadOnlyList<Measurement> MeasureInTurn(double flops, params (string Name, Action Action)[] actions)
    {
        progress.Report(actions[0].Name);
        foreach ((string _, Action action) in actions)
            action();
        Sample[] samples = [.. actions.Select(action => new Sample(action.Action, 1))];
        double before = FmaPeak.Measure(threads);
        for (int run = 0; run < runs; run++)
        {
            foreach (Sample sample in samples)
            {
                cancellation.ThrowIfCancellationRequested();
                sample.Take();
            }
        }

        double peak = (before + FmaPeak.Measure(threads)) / 2;
        _peaks.Add(peak);
        return [.. samples.Select((sample, i) => sample.ToMeasurement(actions[i].Name, threads, flops, peak))];
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    /// <summary>Durations and allocations of an action's runs.</summary>
    private sealed class Sample(Action action, int items)
    {
        private readonly List<double> _times = [];
        private readonly List<double> _allocated = [];

        public int Count => _times.Count;

        public void Take()
        {
            long bytes = GC.GetTotalAllocatedBytes(), start = Stopwatch.GetTimestamp();
            action();
            _times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds / items);
            _allocated.Add((GC.GetTotalAllocatedBytes() - bytes) / 1e6);
        }

        public Measurement ToMeasurement(string name, int threads, double flops, double peak)
        {
            double median = Median(_times);
            return new Measurement(name, threads, median, flops / 1e9, flops / 1e6 / median / peak, Median(_allocated));
        }
    }
}
