using System.Diagnostics;

namespace PocketSam.Training.Benchmarks;

/// <summary>How fast loops in registers run on several threads at once.</summary>
internal static class PeakRuns
{
    private const int Runs = 9;

    /// <summary>10^9 operations a second of all threads together: the median of several short runs.</summary>
    /// <param name="threads">Threads that work at once.</param>
    /// <param name="operations">Operations of a loop.</param>
    /// <param name="loop">Runs on each thread.</param>
    public static double Measure(int threads, double operations, Action loop)
    {
        double[] rates = new double[Runs];
        for (int i = 0; i < rates.Length; i++)
        {
            // All begin together, so that each has what it gets beside the others.
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
