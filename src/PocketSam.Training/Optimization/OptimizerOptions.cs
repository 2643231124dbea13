namespace PocketSam.Training.Optimization;

/// <summary>The options of an optimiser.</summary>
public sealed record OptimizerOptions
{
    /// <summary>The update rule.</summary>
    public OptimizerMethod Method { get; init; } = OptimizerMethod.AdamW;

    /// <summary>The highest learning rate; positive.</summary>
    public float LearningRate { get; init; } = 1e-3f;

    /// <summary>Decay of AdamW's first moment; in [0, 1).</summary>
    public float Beta1 { get; init; } = 0.9f;

    /// <summary>Decay of AdamW's second moment; in [0, 1).</summary>
    public float Beta2 { get; init; } = 0.999f;

    /// <summary>Epsilon, which is added to the root of AdamW's second moment; positive.</summary>
    public float Epsilon { get; init; } = 1e-8f;

    /// <summary>Decay of Muon's momentum; in [0, 1).</summary>
    public float Momentum { get; init; } = 0.95f;

    /// <summary>
    /// Weight decay of matrices and kernels, times the learning rate per step; not applied to gains, biases and
    /// embeddings.
    /// </summary>
    public float WeightDecay { get; init; } = 0.05f;

    /// <summary>
    /// The highest norm of the gradient over all weights, above which it is scaled down; 0 for no clipping.
    /// </summary>
    public float ClipNorm { get; init; } = 1f;

    /// <summary>Decay of the averaged weights; in [0, 1).</summary>
    public float AverageDecay { get; init; } = 0.999f;

    /// <summary>Learning rates by key; the last pattern that matches a key applies.</summary>
    public IReadOnlyList<KeyRate> Rates { get; init; } = [];

    /// <summary>
    /// The learning rate of each block of the image encoder as a fraction of that of the next block, 0 (exclusive) to 1:
    /// layer-wise learning rate decay (BEiT, arXiv:2106.08254, section 3.1). The last block and the layers after it have the full
    /// rate, the layers before the first block one fraction less than it. 1 (the default) for the same rate everywhere.
    /// <see cref="Rates"/> take precedence.
    /// </summary>
    public float LayerDecay { get; init; } = 1f;

    /// <summary>The factor of the learning rate for a key: 1 by default, 0 if frozen.</summary>
    public float RateOf(string key) => Rates.LastOrDefault(rate => rate.Matches(key))?.Factor ?? 1f;

    /// <summary>The same options with <see cref="LayerDecay"/> as <see cref="Rates"/> of an encoder's keys.</summary>
    internal OptimizerOptions For(ImageEncoderConfig encoder)
    {
        if (LayerDecay == 1)
            return this;
        string[][] depths = [.. encoder.KeysByDepth];
        return this with
        {
            LayerDecay = 1,
            Rates =
            [
                .. depths.SelectMany((patterns, depth) => patterns.Select(
                    pattern => new KeyRate($"image_encoder.{pattern}", MathF.Pow(LayerDecay, depths.Length - 1 - depth)))),
                .. Rates,
            ],
        };
    }
}
