namespace PocketSam.Training.Optimization;

/// <summary>A sum over all processes that proceeds while they compute.</summary>
public interface IPendingSum
{
    /// <summary>Advances the sum without waiting for other processes.</summary>
    /// <returns>Whether the sum is complete.</returns>
    bool Advance();

    /// <summary>Waits until the sum is complete and has replaced the values.</summary>
    void Complete();
}
