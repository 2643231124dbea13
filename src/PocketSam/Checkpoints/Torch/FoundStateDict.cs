namespace PocketSam.Checkpoints.Torch;

/// <summary>A state dict found in a pickle.</summary>
/// <param name="Path">The path of keys to it, joined by dots.</param>
/// <param name="Tensors">Its tensors by key.</param>
internal sealed record FoundStateDict(string Path, List<KeyValuePair<string, TorchTensor>> Tensors)
{
    /// <summary>The quantisation that its pickled layers simulate; null if there is none.</summary>
    public FoundQuantization? Quantization { get; init; }
}
