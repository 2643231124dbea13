using System.Globalization;

namespace PocketSam.Training.Optimization;

/// <summary>How a model is trained.</summary>
public sealed record TrainingOptions : OptimizationOptions
{
    /// <summary>The architecture; ignored where training starts from a checkpoint.</summary>
    public SamConfig Model { get; init; } = ModelZoo.Pocket;

    /// <summary>Stages, in order: begin small, where the decoder learns what prompts mean at a tenth of the cost.</summary>
    public IReadOnlyList<TrainingStage> Stages { get; init; } = [new(128, 3000, 16), new(256, 3000, 8)];

    /// <summary>
    /// Most rounds of correction after the first prompt, each with a click in the error region and the previous logits;
    /// the number is drawn uniformly from 0 to this for each step. 0 to 10.
    /// </summary>
    public int CorrectionRounds { get; init; } = 2;

    /// <summary>Weight of the binary cross-entropy in the stages without focal loss; 0 to 1000.</summary>
    public float CrossEntropy { get; init; } = 1f;

    /// <inheritdoc/>
    internal override IEnumerable<(int Size, int Steps, int BatchSize)> Schedule
        => Stages.Select(stage => (stage.Size, stage.Steps, stage.BatchSize));

    /// <inheritdoc/>
    public override void Validate()
    {
        Model.Validate();
        if (Stages.Count == 0)
            throw new ArgumentException("training needs at least one stage");
        foreach (TrainingStage stage in Stages)
            ValidateStage(stage.Size, stage.Steps, stage.BatchSize, stage);
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

    /// <summary>The stage that step <paramref name="step"/> (from 0) belongs to, and how many steps of it came before.</summary>
    public (TrainingStage Stage, int Before) StageOf(long step)
    {
        (int stage, long first, _) = PlaceOf(step);
        return (Stages[stage], (int)(step - first));
    }
}
