namespace PocketSam.Checkpoints.Torch;

/// <summary>The simulated quantisation of a pickled module.</summary>
internal sealed class FoundQuantization
{
    /// <summary>Number of layers that simulate quantisation.</summary>
    public int Layers { get; set; }

    /// <summary>Bits of weights, from the last layer that has them.</summary>
    public int? WeightBits { get; set; }

    /// <summary>Bits of activations, from the last layer that has them.</summary>
    public int? ActivationBits { get; set; }

    /// <summary>
    /// Quantisation step sizes by layer and name: tensors (<see cref="TorchTensor"/>) or single values
    /// (<see cref="double"/>).
    /// </summary>
    public List<KeyValuePair<string, object>> Intervals { get; } = [];
}
