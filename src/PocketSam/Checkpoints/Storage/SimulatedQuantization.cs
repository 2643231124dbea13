namespace PocketSam;

/// <summary>
/// Simulated quantisation: layers that round weights and activations while computing in single precision, as in
/// TinySAM's <c>tinysam_w8a8.pth</c>. The checkpoint's tensors are the unrounded weights, and a model loaded from it
/// computes with them.
/// </summary>
/// <param name="Layers">Number of such layers.</param>
/// <param name="WeightBits">Bits of weights; null if unknown.</param>
/// <param name="ActivationBits">Bits of activations; null if unknown.</param>
/// <param name="Intervals">Quantisation step sizes by layer and name, for instance
/// <c>...attn.qkv.a_interval</c>.</param>
public sealed record SimulatedQuantization(
    int Layers, int? WeightBits, int? ActivationBits, IReadOnlyDictionary<string, StoredTensor> Intervals);
