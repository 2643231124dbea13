using System.Diagnostics;

namespace PocketSam.Training.Benchmarks;

/// <summary>Measures the speed of loops in registers on several threads at once.</summary>
internal static class PeakRuns
{
    private const int Runs = 9;

    /// <summary>10^9 operations per second of all threads together: the median of several short runs.</summary>
    /// <param name="threads">Number of threads.</param>
    /// <param name="operations">Number of operations of the loop.</param>
    /// <param name="loop">The loop that each thread runs.</param>
    public static double Measure(int threads, double operations, Action loop)
    {
        double[] rates = new double[Runs];
        for (int i = 0; i < rates.Length; i++)
        {
            // All threads start together, so that each is measured beside the others.
            var barrier = new Barrier(threads);
            double[] seconds = new double[threads];
            Thread[] others = [.. Enumerable.Range(1, threads - 1).Select(t => new Thread(() => seconds[t] = Time(barrier, loop)))];
            foreach (Thread thread in others)
                thread.Start();
            seconds[0] = Time(barrier, loop);
            foreach (Thread thread in others)
                thread.Join();
            rates[i] = seconds.Sum(s => operations / s / 1e9);
        }

        Array.Sort(rates);
        return rates[Runs / 2];
    }

    private static double Time(Barrier barrier, Action loop)
    {
        barrier.SignalAndWait();
        long start = Stopwatch.GetTimestamp();
        loop();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
