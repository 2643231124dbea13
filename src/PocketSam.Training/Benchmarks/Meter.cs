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
    /// <param name="flops">Floating-point operations of one item; 0 where they are not counted.</param>
    /// <param name="action">Runs once before it is measured.</param>
    /// <param name="items">Items that one run does; the result is what one of them takes.</param>
    public Measurement Measure(string name, double flops, Action action, int items = 1)
    {
        progress.Report(name);
        action();
        List<double> times = [], allocated = [];
        double before = FmaPeak.Measure(threads);
        long begin = Stopwatch.GetTimestamp();
        while (times.Count < runs || Stopwatch.GetElapsedTime(begin).TotalMilliseconds < LeastTime)
        {
            cancellation.ThrowIfCancellationRequested();
            long bytes = GC.GetTotalAllocatedBytes(), start = Stopwatch.GetTimestamp();
            action();
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds / items);
            allocated.Add((GC.GetTotalAllocatedBytes() - bytes) / 1e6);
        }

        double peak = (before + FmaPeak.Measure(threads)) / 2, median = Median(times);
        _peaks.Add(peak);
        return new Measurement(name, threads, median, flops / 1e9, flops / 1e6 / median / peak, Median(allocated));
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
