using System.Diagnostics;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Training.Benchmarks;

/// <summary>
/// Measures durations, and speeds as fractions of the multiply-add peak. The peak is measured before and after each
/// action, since the speed of a shared machine changes.
/// </summary>
/// <param name="threads">Number of threads that the actions use.</param>
/// <param name="runs">Least number of runs of each action; the median counts.</param>
/// <param name="progress">Receives the name of the current measurement.</param>
/// <param name="cancellation">Checked between runs.</param>
public sealed class Meter(int threads, int runs, IProgress<string> progress, CancellationToken cancellation)
{
    /// <summary>Least total duration of the runs of an action, in milliseconds.</summary>
    private const double LeastTime = 200;

    private readonly List<double> _peaks = [];

    /// <summary>Bits of the SIMD vectors in use.</summary>
    public static int SimdBits => 32 * Simd.Width;

    /// <summary>Measures the current multiply-add peak, GFLOP/s.</summary>
    /// <param name="threads">Number of threads that work at once.</param>
    public static double MeasurePeak(int threads) => FmaPeak.Measure(threads);

    /// <summary>Median of the peaks measured so far, GFLOP/s; measured on demand if there is none.</summary>
    public double Peak => _peaks.Count > 0 ? Median(_peaks) : FmaPeak.Measure(threads);

    /// <summary>Cancels a measured action.</summary>
    internal CancellationToken Cancellation => cancellation;

    /// <summary>Measures an action.</summary>
    /// <param name="name">Name of the measurement.</param>
    /// <param name="flops">Operations of one item; 0 if they are not counted.</param>
    /// <param name="action">The action; it runs once without being measured.</param>
    /// <param name="items">Number of items in one run; the result is for one item.</param>
    /// <param name="peakOf">
    /// Measures the peak, 10^9 operations per second, for a number of threads; null for the multiply-add peak.
    /// </param>
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

    /// <summary>Measures several actions, one run of each in turn, so that all see the same machine.</summary>
    /// <param name="flops">Operations of each action; 0 if they are not counted.</param>
    /// <param name="actions">The actions with their names; each runs once without being measured.</param>
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

    /// <summary>Durations and allocations of the runs of an action.</summary>
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
