using PocketSam.Training.Data;
using PocketSam.Training.Optimization;

namespace PocketSam.Training.FineTuning;

/// <summary>The numbers of a fine-tuning.</summary>
internal sealed record TuningRecipe
{
    /// <summary>Augmented looks at each picture whose embeddings are kept.</summary>
    public int Views { get; init; } = 8;

    public int DecoderSteps { get; init; } = 400;
    public int DecoderBatch { get; init; } = 16;
    public float DecoderRate { get; init; } = 5e-4f;
    public OptimizerMethod Method { get; init; } = OptimizerMethod.AdamW;
    public float WeightDecay { get; init; } = 0.01f;
    public float AverageDecay { get; init; } = 0.98f;
    public string Rates { get; init; } = "";
    public MaskLossOptions Loss { get; init; } = MaskLossOptions.Default;
    public int Rounds { get; init; } = 1;
    public int Warmup { get; init; } = 20;
    public float FinalRate { get; init; } = 0.02f;
    public long Memory { get; init; } = 768L << 20;
    public double EncodingShare { get; init; } = 0.25;
    public double WholeShare { get; init; } = 0.5;

    public int WholeSteps { get; init; }
    public int WholeBatch { get; init; } = 4;
    public float WholeRate { get; init; } = 2e-4f;
    public float EncoderFactor { get; init; } = 1;

    public AugmentationOptions Augmentation { get; init; } = new()
    {
        MinScale = 0.6f, AspectJitter = 0.15f, ColorJitter = 0.4f, BlurProbability = 0.05f, NoiseProbability = 0.05f, JpegProbability = 0.1f,
    };
}
