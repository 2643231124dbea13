namespace PocketSam.Training.Quantization;

/// <summary>
/// Calibration data of a linear layer or convolution: sampled rows of its input, and gradients of their outputs.
/// </summary>
/// <param name="outputs">Number of output channels.</param>
/// <param name="inputs">Number of input values of an output.</param>
/// <param name="weights">The weights, <c>[outputs, inputs]</c>.</param>
internal sealed class ProductSample(int outputs, int inputs, float[] weights)
{
    public int Outputs => outputs;

    public int Inputs => inputs;

    public float[] Weights => weights;

    /// <summary>Sampled rows, [rows, <see cref="Inputs"/>].</summary>
    public List<float> Rows { get; } = [];

    /// <summary>Gradients of their outputs, [rows, <see cref="Outputs"/>].</summary>
    public List<float> Gradients { get; } = [];

    /// <summary>Largest value of all inputs.</summary>
    public float Greatest { get; set; }

    /// <summary>
    /// Least value of all inputs, at most 0. PTQ4ViT uses GELU's own minimum, -0.17, which is far off for a layer with
    /// small values.
    /// </summary>
    public float Least { get; set; }

    /// <summary>Largest magnitude of all inputs.</summary>
    public float Magnitude { get; set; }

    /// <summary>Whether the input is the output of GELU.</summary>
    public bool IsAfterGelu { get; set; }
}

/// <summary>Calibration data of one head's attention in one window.</summary>
/// <param name="Dim">Number of channels of a head.</param>
/// <param name="Queries">Sampled queries, [queries, <paramref name="Dim"/>].</param>
/// <param name="Keys">All keys, [tokens, <paramref name="Dim"/>].</param>
/// <param name="Values">All values, [tokens, <paramref name="Dim"/>].</param>
/// <param name="Probabilities">Softmax of the scores, [queries, tokens].</param>
/// <param name="Gradients">Gradients of the outputs, [queries, <paramref name="Dim"/>].</param>
internal sealed record HeadSample(
    int Dim, float[] Queries, float[] Keys, float[] Values, float[] Probabilities, float[] Gradients);

/// <summary>Calibration data of an attention layer.</summary>
internal sealed class AttentionSample
{
    public List<HeadSample> Heads { get; } = [];

    /// <summary>Largest magnitude of all queries; the following two are those of keys and values.</summary>
    public float Query { get; set; }

    public float Key { get; set; }

    public float Value { get; set; }
}
