namespace PocketSam.Benchmarks;

/// <summary>Benchmarks whose work is counted.</summary>
public interface IHasFlops
{
    /// <summary>Floating-point operations of one run with the parameters as they are.</summary>
    double Flops { get; }

    /// <summary>Threads that it runs on.</summary>
    int Threads { get; }
}
