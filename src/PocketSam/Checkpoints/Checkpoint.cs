namespace PocketSam.Checkpoints;

/// <summary>What a checkpoint file holds: named tensors and a few strings.</summary>
/// <param name="Source">Where it came from, for messages: a path or a name.</param>
/// <param name="Tensors">Tensors by state-dict key, in the order of the file.</param>
/// <param name="Metadata">Strings by name.</param>
public sealed record Checkpoint(
    string Source, IReadOnlyDictionary<string, StoredTensor> Tensors, IReadOnlyDictionary<string, string> Metadata);
