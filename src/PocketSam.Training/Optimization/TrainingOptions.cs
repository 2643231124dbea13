using System.Globalization;
using PocketSam.Models;

namespace PocketSam.Training.Optimization;

/// <summary>How a model is trained.</summary>
public sealed record TrainingOptions
{
    /// <summary>The architecture; ignored where training starts from a checkpoint.</summary>
    public SamConfig Model { get; init; } = ModelZoo.Pocket;

    /// <summary>Stages, in order: begin small, where the decoder learns what prompts mean at a tenth of the cost.</summary>
    public IReadOnlyList<TrainingStage> Stages { get; init; } = [new(128, 3000, 16), new(256, 3000, 8)];

    /// <summary>Chooses first weights and the sequence of pictures.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Most masks of a picture in a step; each is asked for by its box and by a click. 1 to 64.</summary>
    public int MasksPerImage { get; init; } = 8;

    /// <summary>
    /// Most rounds of correction after the first prompt, each with a click in the error region and the previous logits;
    /// the number is drawn uniformly from 0 to this for each step. 0 to 10.
    /// </summary>
    public int CorrectionRounds { get; init; } = 2;

    /// <summary>The optimiser's numbers.</summary>
    public AdamWOptions Optimizer { get; init; } = new();

    /// <summary>Steps over which the learning rate rises from zero.</summary>
    public int WarmupSteps { get; init; } = 200;

    /// <summary>Learning rate at the end, as a fraction of the highest; the way there is half a cosine.</summary>
    public float FinalRate { get; init; } = 0.02f;

    /// <summary>Steps between checkpoints; at least 1.</summary>
    public int CheckpointEvery { get; init; } = 200;

    /// <summary>Throws where a number is out of its range.</summary>
    /// <exception cref="ArgumentException">Says which.</exception>
    public void Validate()
    {
        Model.Validate();
        if (Stages.Count == 0)
            throw new ArgumentException("training needs at least one stage");
        foreach (TrainingStage stage in Stages)
        {
            SamConfig.ValidateImageSize(stage.Size);
            if (stage.Steps < 1 || stage.BatchSize is < 1 or > 1024)
                throw new ArgumentException($"stage {stage}: needs at least one step and 1 to 1024 pictures a step");
        }

        if (MasksPerImage is < 1 or > 64)
            throw new ArgumentException($"masks per picture: {MasksPerImage} is not in 1 ... 64");
        if (CorrectionRounds is < 0 or > 10)
            throw new ArgumentException($"correction rounds: {CorrectionRounds} is not in 0 ... 10");
        AdamWOptions o = Optimizer;
        if (!(o.Beta1 is >= 0 and < 1) || !(o.Beta2 is >= 0 and < 1) || !(o.Epsilon > 0) || !(o.WeightDecay >= 0)
            || !(o.ClipNorm >= 0) || !(o.AverageDecay is >= 0 and < 1))
        {
            throw new ArgumentException("a number of the optimiser is out of its range");
        }

        if (!(Optimizer.LearningRate > 0) || !(FinalRate is >= 0 and <= 1) || WarmupSteps < 0 || CheckpointEvery < 1)
            throw new ArgumentException("learning rate, final rate, warm-up or checkpoint interval out of range");
    }

    /// <summary>
    /// What the numbers of a training depend on, as one line of text: two trainings with the same line, the same first
    /// weights and the same sources give the same model.
    /// </summary>
    public string Describe() => string.Create(
        CultureInfo.InvariantCulture,
        $"stages {string.Join(',', Stages)} seed {Seed} masks {MasksPerImage} rounds {CorrectionRounds} warmup {WarmupSteps} " +
        $"rate {Optimizer.LearningRate}..{FinalRate} betas {Optimizer.Beta1},{Optimizer.Beta2} " +
        $"decay {Optimizer.WeightDecay} clip {Optimizer.ClipNorm} average {Optimizer.AverageDecay} " +
        $"epsilon {Optimizer.Epsilon}");

    /// <summary>Steps of all stages.</summary>
    public int TotalSteps => Stages.Sum(s => s.Steps);

    /// <summary>The stage that step <paramref name="step"/> (from 0) belongs to, and how many steps of it came before.</summary>
    public (TrainingStage Stage, int Before) StageOf(long step)
    {
        foreach (TrainingStage stage in Stages)
        {
            if (step < stage.Steps)
                return (stage, (int)step);
            step -= stage.Steps;
        }

        throw new ArgumentOutOfRangeException(nameof(step), "training has fewer steps");
    }

    /// <summary>Learning rate of step <paramref name="step"/> (from 0): a linear rise, then half a cosine.</summary>
    public float RateOf(long step)
    {
        float highest = Optimizer.LearningRate;
        if (step < WarmupSteps)
            return highest * (step + 1) / WarmupSteps;
        double way = (step - WarmupSteps) / (double)Math.Max(1, TotalSteps - WarmupSteps);
        return (float)(highest * (FinalRate + (1 - FinalRate) * 0.5 * (1 + Math.Cos(Math.PI * Math.Min(1, way)))));
    }
}
