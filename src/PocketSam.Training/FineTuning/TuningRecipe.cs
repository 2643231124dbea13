using PocketSam.Training.Data;

namespace PocketSam.Training.FineTuning;

/// <summary>The numbers of a fine-tuning. What was tried is in docs/journal.md.</summary>
internal sealed record TuningRecipe
{
    /// <summary>Pictures of a step of all layers.</summary>
    public int BatchSize { get; init; } = 4;

    /// <summary>How often each picture is seen, and the least number of steps; 0 leaves the layers as they are.</summary>
    public int Epochs { get; init; } = 8;

    /// <summary>Fewest steps.</summary>
    public int LeastSteps { get; init; } = 60;

    /// <summary>The highest learning rate.</summary>
    public float LearningRate { get; init; } = 3e-4f;

    /// <summary>Steps over which the rate rises.</summary>
    public int WarmupSteps { get; init; } = 6;

    /// <summary>The learning rate at the end, as a fraction of the highest.</summary>
    public float FinalRate { get; init; } = 0.02f;

    /// <summary>Most rounds of correction.</summary>
    public int CorrectionRounds { get; init; } = 1;

    /// <summary>
    /// Trainings from the same beginning, each with pictures, prompts and changes of its own, whose weights are averaged: what each knows
    /// by heart goes, what they have in common stays (Wortsman et al., "Model soups", 2022).
    /// </summary>
    public int Trainings { get; init; } = 4;

    /// <summary>
    /// How far the weights go from those of the beginning to those that were learned: a few dozen pictures are soon known by heart, and a
    /// model between the two keeps what it knew (Wortsman et al., "Robust fine-tuning of zero-shot models", 2022).
    /// </summary>
    public float Distance { get; init; } = 0.6f;

    /// <summary>How pictures are changed.</summary>
    public AugmentationOptions Augmentation { get; init; } = new()
    {
        MinScale = 0.6f, AspectJitter = 0.15f, ColorJitter = 0.4f, BlurProbability = 0.05f, NoiseProbability = 0.05f, JpegProbability = 0.1f,
    };
}
