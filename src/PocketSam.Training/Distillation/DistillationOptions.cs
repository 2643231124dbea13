using System.Globalization;
using PocketSam.Training.Data.Effects;
using PocketSam.Training.Optimization;

namespace PocketSam.Training.Distillation;

/// <summary>The options of a distillation.</summary>
public sealed record DistillationOptions : OptimizationOptions
{
    /// <summary>The stages, in order.</summary>
    public IReadOnlyList<DistillationStage> Stages { get; init; } = [new(640, 2000, 8, DistillationScheme.Decoupled)];

    /// <summary>Weights of the losses in all stages; null (the default) for those of each stage's scheme.</summary>
    public DistillationWeights? Weights { get; init; }

    /// <summary>How prompts after the first are chosen.</summary>
    public PromptSampling Sampling { get; init; } = PromptSampling.First;

    /// <summary>
    /// Number of rounds of further prompts, 0 to 10. With <see cref="PromptSampling.Hard"/> it is the maximum, and the
    /// number is drawn for each step (TinySAM uses 9); with <see cref="PromptSampling.Disagreement"/> it is fixed
    /// (EdgeSAM uses 1).
    /// </summary>
    public int Rounds { get; init; }

    /// <summary>
    /// Whether the loss of masks is weighted by <c>sigmoid(IoU_T / (IoU_S + eps) - 1)</c>, with the IoUs of teacher and
    /// student with the annotated mask (TinySAM, equation 6).
    /// </summary>
    public bool HardMaskWeighting { get; init; }

    /// <summary>
    /// Whether the loss of masks is SAM's focal loss and dice loss, 20:1, instead of cross-entropy and dice loss, 1:1.
    /// </summary>
    public bool Focal { get; init; }

    /// <summary>
    /// Side of the teacher's input in pixels, a multiple of 64; null (the default) for the teacher's own.
    /// </summary>
    public int? TeacherSize { get; init; }

    /// <summary>
    /// Whether every stage learns the teacher's embeddings, so that pictures without masks teach something in each.
    /// </summary>
    public bool LearnsEmbeddings => Stages.All(stage => WeightsOf(stage).Embedding > 0);

    /// <inheritdoc/>
    internal override IEnumerable<(int Size, int Steps, int BatchSize)> Schedule
        => Stages.Select(stage => (stage.Size, stage.Steps, stage.BatchSize));

    /// <inheritdoc/>
    internal override InputSizes SizesOf(int stage) => Stages[stage].Sizes;

    /// <inheritdoc/>
    public override void Validate()
    {
        if (Stages.Count == 0)
            throw new ArgumentException("distillation needs at least one stage");
        foreach (DistillationStage stage in Stages)
        {
            ValidateStage(stage.Sizes, stage.Steps, stage.BatchSize, stage);
            DistillationWeights weights = WeightsOf(stage);
            weights.Validate();
            if (!stage.Scheme.TrainsEncoder() && !weights.Decodes)
                throw new ArgumentException($"stage {stage}: the decoder learns from masks only, and their weights are 0");
        }

        if (Rounds is < 0 or > 10)
            throw new ArgumentException($"rounds of prompts: {Rounds} is not in 0 ... 10");
        if (Rounds > 0 && Sampling == PromptSampling.First)
            throw new ArgumentException("rounds of further prompts need a way to choose them");
        DistillationWeights[] all = [.. Stages.Select(WeightsOf)];
        if (Sampling != PromptSampling.First && !all.Any(w => w.Decodes))
            throw new ArgumentException("further prompts are of no use where no stage learns from masks or tokens");
        if (HardMaskWeighting && all.All(w => w.Masks == 0))
            throw new ArgumentException("hard mask weighting weighs the distance of logits, which has the weight 0");
        if (Focal && all.All(w => w.TeacherMasks == 0 && w.Truth == 0))
            throw new ArgumentException("the focal loss compares masks, and no stage compares any");
        base.Validate();
    }

    /// <inheritdoc/>
    public override string Describe() => string.Create(
        CultureInfo.InvariantCulture,
        $"distill {string.Join(',', Stages)} seed {Seed} masks {MasksPerImage} weights {Weights?.ToString() ?? "of the scheme"} " +
        $"prompts {Sampling} {Rounds} hard masks {HardMaskWeighting} focal {Focal} teacher {TeacherSize} {DescribeOptimizer()}");

    /// <summary>The weights of a stage.</summary>
    internal DistillationWeights WeightsOf(DistillationStage stage) => Weights ?? DistillationWeights.For(stage.Scheme);

    /// <summary>Number of rounds of further prompts in the step with this seed.</summary>
    internal int RoundsOf(ulong seed) => Sampling switch
    {
        PromptSampling.Hard => new RandomStream(seed).Below(Rounds + 1),
        PromptSampling.Disagreement => Rounds,
        _ => 0,
    };
}
