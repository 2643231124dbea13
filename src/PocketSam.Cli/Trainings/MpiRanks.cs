using PocketSam.Mpi;
using PocketSam.Training.Optimization;

namespace PocketSam.Cli.Trainings;

/// <summary>The processes of an mpirun or srun that train one model together.</summary>
internal sealed class MpiRanks(MpiWorld world) : ITrainingRanks, IDisposable
{
    public int Rank => world.Rank;

    public int Count => world.Count;

    /// <summary>Joins the other processes; null if this is the only one.</summary>
    /// <exception cref="IOException">Open MPI is missing, or srun did not connect the processes.</exception>
    private static MpiRanks? Join() => MpiWorld.IsOneOfSeveral ? new MpiRanks(MpiWorld.Join()) : null;

    public void Sum(Span<double> values) => world.Sum(values);

    /// <summary>Waits until all processes call this.</summary>
    public void Wait() => world.Sum([0.0]);

    public IPendingSum BeginSum(Memory<float> values) => new PendingSum(world.BeginSum(values));

    /// <summary>Runs the work of this process, which is the only one or one of several.</summary>
    public static void Run(Action<MpiRanks?> work, Terminal terminal, CancellationToken cancellation)
    {
        using MpiRanks? ranks = Join();
        if (ranks is null)
            work(null);
        else
            ranks.Run(() => work(ranks), terminal, cancellation);
    }

    /// <summary>
    /// Runs the work of a rank. If it fails, writes a line and ends all ranks, which would wait for it forever.
    /// </summary>
    private void Run(Action work, Terminal terminal, CancellationToken cancellation)
    {
        try
        {
            work();
        }
        catch (Exception e) when (!(e is OperationCanceledException && cancellation.IsCancellationRequested))
        {
            terminal.Error.WriteLine($"pocketsam: process {Rank} of {Count}: {e.Message.ReplaceLineEndings(" ")}");
            terminal.Error.Flush();
            world.Abort(e is UsageException ? ExitCode.WrongUsage : ExitCode.Failed);
        }
    }

    public void Dispose() => world.Dispose();

    private sealed class PendingSum(MpiSum sum) : IPendingSum
    {
        public bool Advance() => sum.Advance();

        public void Complete() => sum.Complete();
    }
}
