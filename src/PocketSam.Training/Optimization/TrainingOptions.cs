using System.Globalization;

namespace PocketSam.Training.Optimization;

/// <summary>The options of a training.</summary>
public sealed record TrainingOptions : OptimizationOptions
{
    /// <summary>The architecture; ignored if the training begins from a checkpoint.</summary>
    public SamConfig Model { get; init; } = ModelZoo.Pocket;

    /// <summary>
    /// The stages, in order. A small first stage teaches the decoder the meaning of prompts at a tenth of the cost.
    /// </summary>
    public IReadOnlyList<TrainingStage> Stages { get; init; } = [new(128, 3000, 16), new(256, 3000, 8)];

    /// <summary>
    /// The most rounds of correction after the first prompt, 0 to 10; the number is drawn uniformly from 0 to this for
    /// each step. Each round adds a click in the error region, and feeds the previous logits back.
    /// </summary>
    public int CorrectionRounds { get; init; } = 2;

    /// <summary>Weight of the binary cross-entropy in stages without focal loss, 0 to 1000.</summary>
    public float CrossEntropy { get; init; } = 1f;

    /// <inheritdoc/>
    internal override IEnumerable<(int Size, int Steps, int BatchSize)> Schedule
        => Stages.Select(stage => (stage.Size, stage.Steps, stage.BatchSize));

    /// <inheritdoc/>
    internal override InputSizes SizesOf(int stage) => Stages[stage].Sizes;

    /// <inheritdoc/>
    public override void Validate()
    {
        Model.Validate();
        if (Stages.Count == 0)
            throw new ArgumentException("training needs at least one stage");
        foreach (TrainingStage stage in Stages)
            ValidateStage(stage.Sizes, stage.Steps, stage.BatchSize, stage);
        if (CorrectionRounds is < 0 or > 10)
            throw new ArgumentException($"correction rounds: {CorrectionRounds} is not in 0 ... 10");
        if (!(CrossEntropy is >= 0 and <= 1000))
            throw new ArgumentException($"weight of the cross-entropy: {CrossEntropy} is not in 0 ... 1000");
        base.Validate();
    }

    /// <inheritdoc/>
    public override string Describe() => string.Create(
        CultureInfo.InvariantCulture,
        $"stages {string.Join(',', Stages)} seed {Seed} masks {MasksPerImage} rounds {CorrectionRounds} {DescribeOptimizer()}" +
        $"{(CrossEntropy == 1 ? "" : $" cross-entropy {CrossEntropy}")}");

    /// <summary>
    /// The stage of step <paramref name="step"/> (from 0), and the number of its steps before this one.
    /// </summary>
    public (TrainingStage Stage, int Before) StageOf(long step)
    {
        (int stage, long first, _) = PlaceOf(step);
        return (Stages[stage], (int)(step - first));
    }
}
