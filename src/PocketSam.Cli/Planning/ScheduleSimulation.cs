namespace PocketSam.Cli.Planning;

/// <summary>
/// Simulates a job array: free machines take the next task; a machine fails after an exponentially distributed time,
/// and its task loses the work since the last save and returns to the head of the queue. Task sizes vary as shares by
/// hash do.
/// </summary>
/// <param name="cluster">The cluster and its work.</param>
internal sealed class ScheduleSimulation(Cluster cluster)
{
    private const double SecondsPerHour = 3600;

    /// <summary>A run with this many failures for each task counts as endless.</summary>
    private const int MostFailures = 1000;

    /// <summary>Simulates one run.</summary>
    /// <exception cref="IOException">The run does not end: machines fail faster than they save work.</exception>
    public ScheduleRun Run(Random random)
    {
        var tasks = new Stack<double>(Shares(random).Select(photos => photos * cluster.NodeSeconds));
        double end = 0, lost = 0;
        int failures = 0;

        // The time of each machine's next failure, ordered by when the machine is free, in seconds.
        var free = new PriorityQueue<double, double>();
        for (int node = 0; node < cluster.Nodes; node++)
            free.Enqueue(NextFailure(0, random), 0);
        while (tasks.TryPop(out double left))
        {
            free.TryDequeue(out double failsAt, out double now);
            if (now + left <= failsAt)
            {
                end = Math.Max(end, now + left);
                free.Enqueue(failsAt, now + left);
                continue;
            }

            if (++failures > MostFailures * (long)cluster.Tasks)
                throw new IOException("the plan does not come to an end: machines fail faster than they save work");
            double worked = Math.Max(0, failsAt - now), unsaved = Math.Min(worked, random.NextDouble() * cluster.SaveSeconds);
            lost += unsaved;
            tasks.Push(left - worked + unsaved);
            double back = Math.Max(now, failsAt) + cluster.HoursDown * SecondsPerHour;
            free.Enqueue(NextFailure(back, random), back);
        }

        return new ScheduleRun(end / SecondsPerHour, failures, lost / SecondsPerHour * cluster.Cores);
    }

    /// <summary>
    /// Number of pictures of each share. A hash of its name decides a picture's share, so the numbers vary like random
    /// draws.
    /// </summary>
    private IEnumerable<double> Shares(Random random)
    {
        double mean = (double)cluster.Photos / cluster.Tasks, all = 0;
        double[] shares = new double[cluster.Tasks];
        for (int i = 0; i < shares.Length; i++)
            all += shares[i] = Math.Max(0, mean + Math.Sqrt(mean) * Normal(random));
        return shares.Select(share => share * cluster.Photos / all);
    }

    private static double Normal(Random random)
        => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private double NextFailure(double now, Random random) => cluster.HoursBetweenFailures <= 0 ? double.PositiveInfinity
        : now - Math.Log(1 - random.NextDouble()) * cluster.HoursBetweenFailures * SecondsPerHour;
}

/// <summary>Result of a simulated run.</summary>
/// <param name="Hours">Hours until the last task is done.</param>
/// <param name="Failures">Number of failures of machines.</param>
/// <param name="LostCoreHours">Core hours of lost work.</param>
internal sealed record ScheduleRun(double Hours, int Failures, double LostCoreHours);
