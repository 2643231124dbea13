namespace PocketSam.Training.Distillation;

/// <summary>The properties that all embeddings of a cache share.</summary>
/// <param name="Teacher">Name of the teacher, for messages.</param>
/// <param name="Fingerprint">Fingerprint of the teacher's image encoder.</param>
/// <param name="InputSize">Side of the teacher's input, in pixels.</param>
/// <param name="Channels">Number of channels of an embedding.</param>
internal sealed record CacheIdentity(string Teacher, string Fingerprint, int InputSize, int Channels)
{
    /// <summary>Height and width of an embedding, in cells.</summary>
    public int Side => InputSize / SamConfig.EmbeddingStride;

    /// <summary>Number of values of an embedding.</summary>
    public int Count => Side * Side * Channels;

    /// <summary>Why embeddings of another teacher or input size do not belong to this cache; null if they do.</summary>
    public string? DifferenceFrom(string fingerprint, int inputSize)
        => Fingerprint != fingerprint
            ? $"holds embeddings of another teacher, {Teacher} (fingerprint {Fingerprint}, not {fingerprint})"
            : InputSize != inputSize ? $"holds embeddings of another input size, {InputSize}, not {inputSize}" : null;
}
