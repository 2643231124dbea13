using System.Globalization;

namespace PocketSam.Training.Optimization;

/// <summary>What trainings of every kind have in common: seed, prompts, optimiser and the course of the learning rate.</summary>
public abstract record OptimizationOptions
{
    /// <summary>Chooses first weights and the sequence of pictures.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Most masks of a picture in a step; each is asked for by its box and by a click. 1 to 64.</summary>
    public int MasksPerImage { get; init; } = 8;

    /// <summary>The optimiser and its numbers.</summary>
    public OptimizerOptions Optimizer { get; init; } = new();

    /// <summary>Steps over which the learning rate rises from zero.</summary>
    public int WarmupSteps { get; init; } = 200;

    /// <summary>Learning rate at the end, as a fraction of the highest; the way there is half a cosine.</summary>
    public float FinalRate { get; init; } = 0.02f;

    /// <summary>Steps between checkpoints; at least 1.</summary>
    public int CheckpointEvery { get; init; } = 200;

    /// <summary>
    /// The processes that train this model together, each with its part of every batch; null (the default) where this is the only one.
    /// Batch norm has the statistics of the whole batch, so N processes give what one gives, but for rounding, which depends on N.
    /// </summary>
    public ITrainingRanks? Ranks { get; init; }

    /// <summary>Steps of all stages.</summary>
    public int TotalSteps => Schedule.Sum(stage => stage.Steps);

    /// <summary>Input size, steps and pictures a step of each stage.</summary>
    internal abstract IEnumerable<(int Size, int Steps, int BatchSize)> Schedule { get; }

    /// <summary>The first picture of a batch that this process takes, and how many.</summary>
    internal (int First, int Count) PartOf(int batchSize)
    {
        if (Ranks is not { } ranks)
            return (0, batchSize);
        int first = (int)((long)batchSize * ranks.Rank / ranks.Count);
        return (first, (int)((long)batchSize * (ranks.Rank + 1) / ranks.Count) - first);
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

    /// <summary>
    /// What the numbers of a training depend on, as one line of text: two trainings with the same line, the same first
    /// weights and the same sources give the same model.
    /// </summary>
    public abstract string Describe();

    /// <summary>Throws where a number is out of its range.</summary>
    /// <exception cref="ArgumentException">Says which.</exception>
    public virtual void Validate()
    {
        if (MasksPerImage is < 1 or > 64)
            throw new ArgumentException($"masks per picture: {MasksPerImage} is not in 1 ... 64");
        OptimizerOptions o = Optimizer;
        if (!(o.Beta1 is >= 0 and < 1) || !(o.Beta2 is >= 0 and < 1) || !(o.Epsilon > 0) || !(o.WeightDecay >= 0)
            || !(o.Momentum is >= 0 and < 1) || !(o.ClipNorm >= 0) || !(o.AverageDecay is >= 0 and < 1))
        {
            throw new ArgumentException("a number of the optimiser is out of its range");
        }

        if (!(Optimizer.LearningRate > 0) || !(FinalRate is >= 0 and <= 1) || WarmupSteps < 0 || CheckpointEvery < 1)
            throw new ArgumentException("learning rate, final rate, warm-up or checkpoint interval out of range");
    }

    /// <summary>
    /// The number of the stage that step <paramref name="step"/> (from 0) belongs to, its first step, and the number of its
    /// first picture.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The training has fewer steps.</exception>
    internal (int Stage, long FirstStep, long FirstSample) PlaceOf(long step)
    {
        (int number, long first, long samples) = (0, 0, 0);
        foreach ((_, int steps, int batchSize) in Schedule)
        {
            if (step < first + steps)
                return (number, first, samples);
            number++;
            first += steps;
            samples += (long)steps * batchSize;
        }

        throw new ArgumentOutOfRangeException(nameof(step), "the training has fewer steps");
    }

    /// <summary>The part of <see cref="Describe"/> about learning rate and optimiser.</summary>
    private protected string DescribeOptimizer() => string.Create(
        CultureInfo.InvariantCulture,
        $"warmup {WarmupSteps} rate {Optimizer.LearningRate}..{FinalRate} betas {Optimizer.Beta1},{Optimizer.Beta2} " +
        $"decay {Optimizer.WeightDecay} clip {Optimizer.ClipNorm} average {Optimizer.AverageDecay} " +
        $"epsilon {Optimizer.Epsilon}" +
        $"{(Optimizer.Method == OptimizerMethod.Muon ? $" muon {Optimizer.Momentum}" : "")}" +
        $"{string.Concat(Optimizer.Rates.Select(rate => $" rate {rate}"))}");

    /// <summary>Throws where a stage is impossible.</summary>
    private protected void ValidateStage(int size, int steps, int batchSize, object stage)
    {
        SamConfig.ValidateImageSize(size);
        if (steps < 1 || batchSize is < 1 or > 1024)
            throw new ArgumentException($"stage {stage}: needs at least one step and 1 to 1024 pictures a step");
        if (batchSize < Ranks?.Count)
            throw new ArgumentException($"stage {stage}: {batchSize} pictures a step are too few for {Ranks.Count} processes");
    }
}
