namespace PocketSam.Training.Optimization;

/// <summary>
/// The processes that train one model together, each with its part of every batch. Sums are the same bits in all of them, and
/// all of them ask for the same sums in the same order.
/// </summary>
public interface ITrainingRanks
{
    /// <summary>Which of them this process is, from 0 on.</summary>
    int Rank { get; }

    /// <summary>How many there are.</summary>
    int Count { get; }

    /// <summary>Adds numbers up over all processes, in place.</summary>
    /// <param name="values">As many in all processes.</param>
    void Sum(Span<double> values);

    /// <summary>Begins to add numbers up over all processes, in place. Other sums may be asked for meanwhile.</summary>
    /// <param name="values">As many in all processes; nobody touches them until the sum is complete.</param>
    IPendingSum BeginSum(Memory<float> values);
}
