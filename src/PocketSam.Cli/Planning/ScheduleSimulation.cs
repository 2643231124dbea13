namespace PocketSam.Cli.Planning;

/// <summary>
/// A job array played through: free machines take the next task; a machine fails after a time that is drawn (exponentially), its
/// task loses the work since it was last saved and goes to the head of the queue. Tasks differ as shares by hash do.
/// </summary>
/// <param name="cluster">What is played.</param>
internal sealed class ScheduleSimulation(Cluster cluster)
{
    private const double SecondsPerHour = 3600;

    /// <summary>A run with so many times more failures than tasks does not come to an end.</summary>
    private const int MostFailures = 1000;

    /// <summary>Plays it once.</summary>
    /// <exception cref="IOException">It does not come to an end: machines fail faster than they save work.</exception>
    public ScheduleRun Run(Random random)
    {
        var tasks = new Stack<double>(Shares(random).Select(photos => photos * cluster.NodeSeconds));
        double end = 0, lost = 0;
        int failures = 0;

        // Machines by when they are free; with each, when it fails next.
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

    /// <summary>Pictures of each share: which one a picture is in follows from its name, as if it was drawn.</summary>
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

/// <summary>How a schedule went.</summary>
/// <param name="Hours">Until the last task was done.</param>
/// <param name="Failures">Machines that failed while they worked.</param>
/// <param name="LostCoreHours">Work that was done twice.</param>
internal sealed record ScheduleRun(double Hours, int Failures, double LostCoreHours);
