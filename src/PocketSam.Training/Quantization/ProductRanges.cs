namespace PocketSam.Training.Quantization;

/// <summary>How a linear layer or convolution is quantised.</summary>
/// <param name="Input">What goes in.</param>
/// <param name="WeightShares">For each output channel the part of its largest magnitude that is not cut off.</param>
internal sealed record ProductRanges(Quantizer Input, float[] WeightShares);

/// <summary>How an attention's two products are quantised.</summary>
/// <param name="Query">Queries.</param>
/// <param name="Key">Keys.</param>
/// <param name="Probability">What comes out of softmax.</param>
/// <param name="Value">Values.</param>
internal sealed record AttentionRanges(Quantizer Query, Quantizer Key, Quantizer Probability, Quantizer Value);
