namespace PocketSam.Tensors;

/// <summary>Counts the changes of all weights of a model: what is computed from them is stale once it moved.</summary>
internal sealed class WeightVersion
{
    private int _value;

    public int Value => Volatile.Read(ref _value);

    public void Increment() => Interlocked.Increment(ref _value);
}
