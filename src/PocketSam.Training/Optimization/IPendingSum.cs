namespace PocketSam.Training.Optimization;

/// <summary>A sum over all processes that is under way while each goes on computing.</summary>
public interface IPendingSum
{
    /// <summary>Lets it go on without waiting for the others.</summary>
    /// <returns>Whether the sum is there.</returns>
    bool Advance();

    /// <summary>Waits until the sum is there, in the place of what was added up.</summary>
    void Complete();
}
