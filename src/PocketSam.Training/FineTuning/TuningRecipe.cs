using PocketSam.Training.Data;

namespace PocketSam.Training.FineTuning;

/// <summary>The hyperparameters of a fine-tuning. docs/journal.md has the experiments behind them.</summary>
internal sealed record TuningRecipe
{
    /// <summary>Number of pictures in a step.</summary>
    public int BatchSize { get; init; } = 4;

    /// <summary>Number of epochs over the training pictures; 0 to train only the choice of the mask.</summary>
    public int Epochs { get; init; } = 8;

    /// <summary>Least number of steps.</summary>
    public int LeastSteps { get; init; } = 60;

    /// <summary>The highest learning rate.</summary>
    public float LearningRate { get; init; } = 3e-4f;

    /// <summary>Number of steps of the linear warm-up.</summary>
    public int WarmupSteps { get; init; } = 6;

    /// <summary>The learning rate at the end, as a fraction of the highest.</summary>
    public float FinalRate { get; init; } = 0.02f;

    /// <summary>Largest number of correction rounds of a step.</summary>
    public int CorrectionRounds { get; init; } = 1;

    /// <summary>
    /// Number of trainings from the same initial weights, each with its own random pictures, prompts and augmentation.
    /// Their weights are averaged, which reduces overfitting (Wortsman et al., "Model soups", arXiv:2203.05482).
    /// </summary>
    public int Trainings { get; init; } = 4;

    /// <summary>
    /// The interpolation between initial weights (0) and trained ones (1). Training on a few dozen pictures overfits
    /// soon; an interpolated model keeps more of its previous knowledge (Wortsman et al., "Robust fine-tuning of
    /// zero-shot models", arXiv:2109.01903).
    /// </summary>
    public float Distance { get; init; } = 0.6f;

    /// <summary>The augmentation of the training pictures.</summary>
    public AugmentationOptions Augmentation { get; init; } = new()
    {
        MinScale = 0.6f, AspectJitter = 0.15f, ColorJitter = 0.4f, BlurProbability = 0.05f, NoiseProbability = 0.05f, JpegProbability = 0.1f,
    };
}
