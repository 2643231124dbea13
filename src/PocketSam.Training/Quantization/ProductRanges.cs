namespace PocketSam.Training.Quantization;

/// <summary>Quantisation of a linear layer or convolution.</summary>
/// <param name="Input">Quantizer of the input.</param>
/// <param name="WeightShares">
/// For each output channel the fraction of its largest magnitude that is not clipped.
/// </param>
internal sealed record ProductRanges(Quantizer Input, float[] WeightShares);

/// <summary>Quantisation of an attention's two products.</summary>
/// <param name="Query">Quantizer of queries.</param>
/// <param name="Key">Quantizer of keys.</param>
/// <param name="Probability">Quantizer of softmax outputs.</param>
/// <param name="Value">Quantizer of values.</param>
internal sealed record AttentionRanges(Quantizer Query, Quantizer Key, Quantizer Probability, Quantizer Value);
