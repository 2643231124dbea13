namespace PocketSam.Training.Distillation;

/// <summary>What all embeddings of a cache have in common.</summary>
/// <param name="Teacher">The model's name, for people.</param>
/// <param name="Fingerprint">Of its image encoder.</param>
/// <param name="InputSize">Side of its input.</param>
/// <param name="Channels">Values at each place.</param>
internal sealed record CacheIdentity(string Teacher, string Fingerprint, int InputSize, int Channels)
{
    /// <summary>Rows and columns of an embedding.</summary>
    public int Side => InputSize / SamConfig.EmbeddingStride;

    /// <summary>Values of an embedding.</summary>
    public int Count => Side * Side * Channels;

    /// <summary>Why embeddings of the file cannot stand beside those of the other; null where they can.</summary>
    public string? DifferenceFrom(string fingerprint, int inputSize)
        => Fingerprint != fingerprint
            ? $"holds embeddings of another teacher, {Teacher} (fingerprint {Fingerprint}, not {fingerprint})"
            : InputSize != inputSize ? $"holds embeddings of another input size, {InputSize}, not {inputSize}" : null;
}
