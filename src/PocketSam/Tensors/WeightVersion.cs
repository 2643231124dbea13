namespace PocketSam.Tensors;

/// <summary>
/// Counts the changes of all weights of a model; anything computed from the weights is stale when it has changed.
/// </summary>
internal sealed class WeightVersion
{
    private int _value;

    public int Value => Volatile.Read(ref _value);

    public void Increment() => Interlocked.Increment(ref _value);
}
