using PocketSam.Mpi;
using PocketSam.Training.Optimization;

namespace PocketSam.Cli.Trainings;

/// <summary>The processes of an mpirun that train together.</summary>
internal sealed class MpiRanks(MpiWorld world) : ITrainingRanks, IDisposable
{
    public int Rank => world.Rank;

    public int Count => world.Count;

    /// <summary>Joins the others; null where this process is the only one.</summary>
    /// <exception cref="IOException">There is no Open MPI.</exception>
    private static MpiRanks? Join() => MpiWorld.IsOneOfSeveral ? new MpiRanks(MpiWorld.Join()) : null;

    public void Sum(Span<double> values) => world.Sum(values);

    /// <summary>Waits until all processes are here.</summary>
    public void Wait() => world.Sum([0.0]);

    public IPendingSum BeginSum(Memory<float> values) => new PendingSum(world.BeginSum(values));

    /// <summary>Does the work of this process, which is alone or one of several.</summary>
    public static void Run(Action<MpiRanks?> work, Terminal terminal, CancellationToken cancellation)
    {
        using MpiRanks? ranks = Join();
        if (ranks is null)
            work(null);
        else
            ranks.Run(() => work(ranks), terminal, cancellation);
    }

    /// <summary>Does a rank's work. Where it fails that is told in a line, and all ranks end: the others would wait for it forever.</summary>
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
