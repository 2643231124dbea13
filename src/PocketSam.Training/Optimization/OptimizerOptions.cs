namespace PocketSam.Training.Optimization;

/// <summary>The optimiser and its numbers.</summary>
public sealed record OptimizerOptions
{
    /// <summary>How gradients become steps.</summary>
    public OptimizerMethod Method { get; init; } = OptimizerMethod.AdamW;

    /// <summary>Highest learning rate; positive.</summary>
    public float LearningRate { get; init; } = 1e-3f;

    /// <summary>Decay of AdamW's first moment; in [0, 1).</summary>
    public float Beta1 { get; init; } = 0.9f;

    /// <summary>Decay of AdamW's second moment; in [0, 1).</summary>
    public float Beta2 { get; init; } = 0.999f;

    /// <summary>Added to the root of AdamW's second moment; positive.</summary>
    public float Epsilon { get; init; } = 1e-8f;

    /// <summary>Decay of Muon's momentum; in [0, 1).</summary>
    public float Momentum { get; init; } = 0.95f;

    /// <summary>Share of a matrix's or kernel's weight that goes with each step of rate 1; not of gains, biases, embeddings.</summary>
    public float WeightDecay { get; init; } = 0.05f;

    /// <summary>Gradients are scaled down to this norm over all weights; 0 for never.</summary>
    public float ClipNorm { get; init; } = 1f;

    /// <summary>Decay of the averaged weights; in [0, 1).</summary>
    public float AverageDecay { get; init; } = 0.999f;

    /// <summary>Learning rates of some keys; of several that match a key the last one holds.</summary>
    public IReadOnlyList<KeyRate> Rates { get; init; } = [];

    /// <summary>What the learning rate is multiplied with for a key: 1 where nothing else is said, 0 where it is frozen.</summary>
    public float RateOf(string key) => Rates.LastOrDefault(rate => rate.Matches(key))?.Factor ?? 1f;
}
