namespace PocketSam.Checkpoints.Torch;

/// <summary>Layers of a pickled module that simulate quantisation.</summary>
internal sealed class FoundQuantization
{
    /// <summary>How many layers there are.</summary>
    public int Layers { get; set; }

    /// <summary>Bits of weights, of the last layer that tells them.</summary>
    public int? WeightBits { get; set; }

    /// <summary>Bits of activations, of the last layer that tells them.</summary>
    public int? ActivationBits { get; set; }

    /// <summary>Intervals by layer and name: tensors (<see cref="TorchTensor"/>) or single numbers (<see cref="double"/>).</summary>
    public List<KeyValuePair<string, object>> Intervals { get; } = [];
}
