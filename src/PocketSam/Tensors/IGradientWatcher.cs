namespace PocketSam.Tensors;

/// <summary>Is told on the way back which weights have all of their gradient.</summary>
internal interface IGradientWatcher
{
    /// <summary>The way back begins.</summary>
    /// <param name="awaited">The weights that it may add to; all others have all they get.</param>
    void Begin(IReadOnlyCollection<TensorBuffer> awaited);

    /// <summary>The way back has passed an op.</summary>
    /// <param name="whole">The weights that no further op adds to.</param>
    void Advance(IEnumerable<TensorBuffer> whole);
}
