namespace PocketSam.Training.Optimization;

/// <summary>
/// The processes that train one model together, each with a part of every batch. Sums are bit-identical in all
/// processes, and all processes request the same sums in the same order.
/// </summary>
public interface ITrainingRanks
{
    /// <summary>Index of this process, from 0.</summary>
    int Rank { get; }

    /// <summary>Number of processes.</summary>
    int Count { get; }

    /// <summary>Sums values over all processes, in place.</summary>
    /// <param name="values">The same number of values in all processes.</param>
    void Sum(Span<double> values);

    /// <summary>Begins to sum values over all processes, in place. Other sums may be requested meanwhile.</summary>
    /// <param name="values">The same number of values in all processes; they must not be used until the sum is
    /// complete.</param>
    IPendingSum BeginSum(Memory<float> values);
}
