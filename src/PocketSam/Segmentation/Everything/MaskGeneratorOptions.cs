using System.Numerics;

namespace PocketSam;

/// <summary>
/// Options of <see cref="MaskGenerator"/>. Names and defaults are those of SAM's automatic mask generator
/// (segment_anything/automatic_mask_generator.py) and of TinySAM's hierarchical one. Four thresholds depend on the
/// model's training: unless set, a <see cref="MaskGenerator"/> uses the model's own
/// (<see cref="SamConfig.MaskThresholds"/>).
/// </summary>
public sealed record MaskGeneratorOptions
{
    private static readonly MaskThresholds SamDefaults = new();

    private readonly float? _predIouThresh;
    private readonly float? _stabilityScoreThresh;
    private readonly float? _highScoreThresh;
    private readonly int? _highScoreVotes;

    /// <summary>The choice of points.</summary>
    public MaskGeneratorMode Mode { get; init; } = MaskGeneratorMode.Hierarchical;

    /// <summary>Points along each side of the grid, 1 to 256.</summary>
    public int PointsPerSide { get; init; } = 32;

    /// <summary>
    /// Smallest predicted IoU of a mask, 0 to 1; masks below are never
    /// made, 0 keeps all. If not set, the model's own, or SAM's 0.88.
    /// </summary>
    public float PredIouThresh
    {
        get => _predIouThresh ?? SamDefaults.PredIou;
        init => _predIouThresh = value;
    }

    /// <summary>Smallest stability score of a mask, 0 to 1. If not set, the model's own, or SAM's 0.95.</summary>
    public float StabilityScoreThresh
    {
        get => _stabilityScoreThresh ?? SamDefaults.StabilityScore;
        init => _stabilityScoreThresh = value;
    }

    /// <summary>
    /// Offset in logits, above 0: the stability score is the IoU of the masks at the thresholds plus and minus this.
    /// </summary>
    public float StabilityScoreOffset { get; init; } = 1f;

    /// <summary>Largest IoU of two boxes, 0 to 1; above it, the mask with the lower predicted IoU is dropped.</summary>
    public float BoxNmsThresh { get; init; } = 0.7f;

    /// <summary>
    /// Layers of crops in addition to the whole picture, 0 to 4: layer i cuts it into 2^i by 2^i overlapping crops.
    /// </summary>
    public int CropLayers { get; init; }

    /// <summary>
    /// Largest IoU of two boxes in different crops, 0 to 1; above it, the mask of the larger crop is dropped.
    /// </summary>
    public float CropNmsThresh { get; init; } = 0.7f;

    /// <summary>
    /// Overlap of the first layer's crops over the picture's shorter side, 0 to 1; halved by each layer.
    /// </summary>
    public double CropOverlapRatio { get; init; } = 512.0 / 1500;

    /// <summary>
    /// At least 1: layer i has <see cref="PointsPerSide"/> over this factor to the power of i points along a side.
    /// </summary>
    public int CropPointsDownscaleFactor { get; init; } = 1;

    /// <summary>
    /// Smallest area in pixels of a hole or island of a mask; smaller ones are removed. 0 removes none.
    /// </summary>
    public int MinMaskRegionArea { get; init; }

    /// <summary>
    /// Smallest area of a hole or island over that of its mask, 0 to 1; smaller ones are removed. 0 removes none.
    /// </summary>
    public double MinMaskRegionShare { get; init; }

    /// <summary>
    /// Hierarchical mode: the logit above which a mask of the coarse grid covers a pixel with confidence. If not set,
    /// the model's own, or TinySAM's 8.5.
    /// </summary>
    public float HighScoreThresh
    {
        get => _highScoreThresh ?? SamDefaults.HighScore;
        init => _highScoreThresh = value;
    }

    /// <summary>
    /// Hierarchical mode: the number of coarse points, 1 to 64, whose masks must cover a pixel with confidence. With 2
    /// and a lower <see cref="HighScoreThresh"/>, fewer objects on top of others are lost in the same time. If not set,
    /// the model's own, or TinySAM's 1.
    /// </summary>
    public int HighScoreVotes
    {
        get => _highScoreVotes ?? SamDefaults.HighScoreVotes;
        init => _highScoreVotes = value;
    }

    /// <summary>
    /// Bytes for a batch of prompts, at least 16 MiB; candidates may take half as much again. More is slightly faster.
    /// </summary>
    public long MemoryBudget { get; init; } = 256L << 20;

    /// <summary>The defaults with a model's thresholds, <see cref="SamConfig.MaskThresholds"/>.</summary>
    public static MaskGeneratorOptions For(SamConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return new MaskGeneratorOptions().WithThresholdsOf(config);
    }

    /// <summary>These options, with thresholds that are not set taken from a model.</summary>
    internal MaskGeneratorOptions WithThresholdsOf(SamConfig config)
    {
        MaskThresholds thresholds = config.MaskThresholds ?? SamDefaults;
        return this with
        {
            PredIouThresh = _predIouThresh ?? thresholds.PredIou,
            StabilityScoreThresh = _stabilityScoreThresh ?? thresholds.StabilityScore,
            HighScoreThresh = _highScoreThresh ?? thresholds.HighScore,
            HighScoreVotes = _highScoreVotes ?? thresholds.HighScoreVotes,
        };
    }

    /// <summary>Checks that all values are in range.</summary>
    /// <exception cref="ArgumentException">A value is out of range; the message names it and the range.</exception>
    public void Validate()
    {
        Require(Enum.IsDefined(Mode), $"{nameof(Mode)} is {(int)Mode}: no such mode");
        Require(PointsPerSide is >= 1 and <= 256, $"{nameof(PointsPerSide)} is {PointsPerSide}: must lie in 1 ... 256");
        RequireShare(PredIouThresh, nameof(PredIouThresh));
        RequireShare(StabilityScoreThresh, nameof(StabilityScoreThresh));
        RequireShare(BoxNmsThresh, nameof(BoxNmsThresh));
        RequireShare(CropNmsThresh, nameof(CropNmsThresh));
        RequireShare(CropOverlapRatio, nameof(CropOverlapRatio));
        Require(
            float.IsFinite(StabilityScoreOffset) && StabilityScoreOffset > 0,
            $"{nameof(StabilityScoreOffset)} is {StabilityScoreOffset}: must be above 0");
        Require(float.IsFinite(HighScoreThresh), $"{nameof(HighScoreThresh)} is {HighScoreThresh}: must be a finite number");
        Require(HighScoreVotes is >= 1 and <= 64, $"{nameof(HighScoreVotes)} is {HighScoreVotes}: must lie in 1 ... 64");
        Require(CropLayers is >= 0 and <= 4, $"{nameof(CropLayers)} is {CropLayers}: must lie in 0 ... 4");
        Require(
            CropPointsDownscaleFactor >= 1,
            $"{nameof(CropPointsDownscaleFactor)} is {CropPointsDownscaleFactor}: must be at least 1");
        Require(MinMaskRegionArea >= 0, $"{nameof(MinMaskRegionArea)} is {MinMaskRegionArea}: must not be negative");
        RequireShare(MinMaskRegionShare, nameof(MinMaskRegionShare));
        Require(MemoryBudget >= 16L << 20, $"{nameof(MemoryBudget)} is {MemoryBudget}: must be at least {16 << 20} bytes");
    }

    private static void RequireShare<T>(T value, string name) where T : IFloatingPoint<T>
        => Require(value >= T.Zero && value <= T.One, $"{name} is {value}: must lie in 0 ... 1");

    private static void Require(bool valid, FormattableString message)
    {
        if (!valid)
            throw new ArgumentException(FormattableString.Invariant(message));
    }
}
