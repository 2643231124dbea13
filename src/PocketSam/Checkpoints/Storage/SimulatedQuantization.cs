namespace PocketSam;

/// <summary>
/// What a checkpoint's layers round weights and activations with while they compute in single precision: quantisation that is
/// simulated, as TinySAM's <c>tinysam_w8a8.pth</c> has it. The checkpoint's tensors are its weights as they are, not rounded, and a
/// model that is loaded from it computes with them.
/// </summary>
/// <param name="Layers">How many layers simulate it.</param>
/// <param name="WeightBits">Bits of weights; null where the file does not tell.</param>
/// <param name="ActivationBits">Bits of activations; null where the file does not tell.</param>
/// <param name="Intervals">Widths of a step by layer and name, for instance <c>...attn.qkv.a_interval</c>.</param>
public sealed record SimulatedQuantization(
    int Layers, int? WeightBits, int? ActivationBits, IReadOnlyDictionary<string, StoredTensor> Intervals);
