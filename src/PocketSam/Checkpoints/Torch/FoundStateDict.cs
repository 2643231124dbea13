namespace PocketSam.Checkpoints.Torch;

/// <summary>A state dict among what a pickle holds.</summary>
/// <param name="Path">The keys that lead to it, joined by dots.</param>
/// <param name="Tensors">Its tensors by their keys.</param>
internal sealed record FoundStateDict(string Path, List<KeyValuePair<string, TorchTensor>> Tensors)
{
    /// <summary>What its layers round with, where they are pickled layers that simulate quantisation.</summary>
    public FoundQuantization? Quantization { get; init; }
}
