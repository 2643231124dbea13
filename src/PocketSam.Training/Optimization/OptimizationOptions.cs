using System.Globalization;
using PocketSam.Training.Data.Effects;

namespace PocketSam.Training.Optimization;

/// <summary>
/// The options of all kinds of training: seed, number of prompts, optimiser and learning rate schedule.
/// </summary>
public abstract record OptimizationOptions
{
    /// <summary>The seed of initial weights and of the sequence of pictures.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>The most masks of a picture in a step, 1 to 64; each is prompted by its box and by a click.</summary>
    public int MasksPerImage { get; init; } = 8;

    /// <summary>The options of the optimiser.</summary>
    public OptimizerOptions Optimizer { get; init; } = new();

    /// <summary>Number of steps over which the learning rate rises linearly from zero.</summary>
    public int WarmupSteps { get; init; } = 200;

    /// <summary>The final learning rate, as a fraction of the highest, 0 to 1; the decay is half a cosine.</summary>
    public float FinalRate { get; init; } = 0.02f;

    /// <summary>Number of steps between checkpoints; at least 1.</summary>
    public int CheckpointEvery { get; init; } = 200;

    /// <summary>
    /// The processes that train this model together, each with a part of every batch; null (the default) for one
    /// process. Batch norm uses the statistics of the whole batch, so that N processes give the same result as one,
    /// except for rounding, which depends on N.
    /// </summary>
    public ITrainingRanks? Ranks { get; init; }

    /// <summary>Number of steps of all stages.</summary>
    public int TotalSteps => Schedule.Sum(stage => stage.Steps);

    /// <summary>Largest side of the input in pixels, number of steps, and pictures per step of each stage.</summary>
    internal abstract IEnumerable<(int Size, int Steps, int BatchSize)> Schedule { get; }

    /// <summary>The input sizes of a stage.</summary>
    internal abstract InputSizes SizesOf(int stage);

    /// <summary>The input size of step <paramref name="step"/> (from 0 over all stages) of a stage, for an encoder whose sides are
    /// multiples of <paramref name="multiple"/>.</summary>
    internal int SizeOf(int stage, long step, int multiple) => SizesOf(stage).Draw(
        multiple, RandomStream.Scramble(RandomStream.Scramble((ulong)Seed ^ RandomStream.Scramble((ulong)step))));

    /// <summary>Index of the first picture of a batch that belongs to this process, and their number.</summary>
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
    /// All that determines the numbers of a training, as one line of text. Two trainings with the same line, the same
    /// initial weights and the same sources give the same model.
    /// </summary>
    public abstract string Describe();

    /// <summary>Throws if an option is out of range.</summary>
    /// <exception cref="ArgumentException">An option is out of range; the message says which.</exception>
    public virtual void Validate()
    {
        if (MasksPerImage is < 1 or > 64)
            throw new ArgumentException($"masks per picture: {MasksPerImage} is not in 1 ... 64");
        OptimizerOptions o = Optimizer;
        if (!(o.Beta1 is >= 0 and < 1) || !(o.Beta2 is >= 0 and < 1) || !(o.Epsilon > 0) || !(o.WeightDecay >= 0)
            || !(o.Momentum is >= 0 and < 1) || !(o.ClipNorm >= 0) || !(o.AverageDecay is >= 0 and < 1)
            || !(o.LayerDecay is > 0 and <= 1))
        {
            throw new ArgumentException("a number of the optimiser is out of its range");
        }

        if (!(Optimizer.LearningRate > 0) || !(FinalRate is >= 0 and <= 1) || WarmupSteps < 0 || CheckpointEvery < 1)
            throw new ArgumentException("learning rate, final rate, warm-up or checkpoint interval out of range");
    }

    /// <summary>
    /// The index of the stage of step <paramref name="step"/> (from 0), the stage's first step, and the number of the
    /// stage's first picture.
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

    /// <summary>Throws if a stage is impossible.</summary>
    private protected void ValidateStage(InputSizes sizes, int steps, int batchSize, object stage)
    {
        SamConfig.ValidateImageSize(sizes.Smallest);
        SamConfig.ValidateImageSize(sizes.Largest);
        if (sizes.Smallest > sizes.Largest)
            throw new ArgumentException($"stage {stage}: the input sizes begin with the smaller one");
        if (steps < 1 || batchSize is < 1 or > 1024)
            throw new ArgumentException($"stage {stage}: needs at least one step and 1 to 1024 pictures a step");
        if (batchSize < Ranks?.Count)
            throw new ArgumentException($"stage {stage}: {batchSize} pictures a step are too few for {Ranks.Count} processes");
    }
}
