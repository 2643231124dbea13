namespace PocketSam.Training.Quantization;

/// <summary>What calibration has seen of a linear layer or convolution: some rows of what goes in, and the gradients of what they become.</summary>
/// <param name="outputs">Output channels.</param>
/// <param name="inputs">Values that an output is summed from.</param>
/// <param name="weights">The weights, an output channel after the other.</param>
internal sealed class ProductSample(int outputs, int inputs, float[] weights)
{
    public int Outputs => outputs;

    public int Inputs => inputs;

    public float[] Weights => weights;

    /// <summary>Rows, <see cref="Inputs"/> values each.</summary>
    public List<float> Rows { get; } = [];

    /// <summary>Their gradients, <see cref="Outputs"/> values each.</summary>
    public List<float> Gradients { get; } = [];

    /// <summary>The greatest value of all that went in.</summary>
    public float Greatest { get; set; }

    /// <summary>The least, at most 0; PTQ4ViT takes GELU's own, -0.17, which is far from what a layer of small values holds.</summary>
    public float Least { get; set; }

    /// <summary>The largest magnitude of all that went in.</summary>
    public float Magnitude { get; set; }

    /// <summary>Whether what goes in comes out of GELU.</summary>
    public bool IsAfterGelu { get; set; }
}

/// <summary>What calibration has seen of one head's attention in one window.</summary>
/// <param name="Dim">Width of a head.</param>
/// <param name="Queries">Some queries, <paramref name="Dim"/> values each.</param>
/// <param name="Keys">All keys.</param>
/// <param name="Values">All values.</param>
/// <param name="Probabilities">softmax of the queries' scores, as many as keys each.</param>
/// <param name="Gradients">Gradients of what the queries become.</param>
internal sealed record HeadSample(
    int Dim, float[] Queries, float[] Keys, float[] Values, float[] Probabilities, float[] Gradients);

/// <summary>What calibration has seen of an attention layer.</summary>
internal sealed class AttentionSample
{
    public List<HeadSample> Heads { get; } = [];

    /// <summary>Largest magnitudes of all queries, keys and values.</summary>
    public float Query { get; set; }

    public float Key { get; set; }

    public float Value { get; set; }
}
