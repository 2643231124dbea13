using System.Numerics;

namespace PocketSam;

/// <summary>
/// What <see cref="MaskGenerator"/> asks for and keeps. Names and defaults are those of SAM's automatic mask generator
/// (segment_anything/automatic_mask_generator.py) and of TinySAM's hierarchical one. The four thresholds that depend on how a model
/// was trained are the model's own (<see cref="SamConfig.MaskThresholds"/>) in a <see cref="MaskGenerator"/>, unless they are set.
/// </summary>
public sealed record MaskGeneratorOptions
{
    private static readonly MaskThresholds Sams = new();

    private readonly float? _predIouThresh;
    private readonly float? _stabilityScoreThresh;
    private readonly float? _highScoreThresh;
    private readonly int? _highScoreVotes;

    /// <summary>Which points are asked for.</summary>
    public MaskGeneratorMode Mode { get; init; } = MaskGeneratorMode.Hierarchical;

    /// <summary>Points along each side of the grid; 1 to 256.</summary>
    public int PointsPerSide { get; init; } = 32;

    /// <summary>
    /// Masks of a lower predicted IoU are dropped before they are made; 0 to 1, 0 keeps all. Unset, the model's own; SAM's 0.88 where
    /// there is no model.
    /// </summary>
    public float PredIouThresh
    {
        get => _predIouThresh ?? Sams.PredIou;
        init => _predIouThresh = value;
    }

    /// <summary>
    /// Masks of a lower stability score are dropped; 0 to 1. Unset, the model's own; SAM's 0.95 where there is no model.
    /// </summary>
    public float StabilityScoreThresh
    {
        get => _stabilityScoreThresh ?? Sams.StabilityScore;
        init => _stabilityScoreThresh = value;
    }

    /// <summary>
    /// The stability score is the IoU of the masks at the thresholds plus and minus this logit; above 0.
    /// </summary>
    public float StabilityScoreOffset { get; init; } = 1f;

    /// <summary>Of two masks whose boxes overlap by more than this IoU the one of lower predicted IoU is dropped; 0 to 1.</summary>
    public float BoxNmsThresh { get; init; } = 0.7f;

    /// <summary>
    /// Layers of crops that are looked at beside the whole picture: layer i cuts it into 2^i by 2^i overlapping crops.
    /// 0 to 4.
    /// </summary>
    public int CropLayers { get; init; }

    /// <summary>As <see cref="BoxNmsThresh"/>, between crops: the mask of the smaller crop stays. 0 to 1.</summary>
    public float CropNmsThresh { get; init; } = 0.7f;

    /// <summary>Overlap of the crops of the first layer, of the shorter side of the picture; 0 to 1, halved by each layer.</summary>
    public double CropOverlapRatio { get; init; } = 512.0 / 1500;

    /// <summary>Points along a side of the grid of layer i are <see cref="PointsPerSide"/> over this to the power of i; at least 1.</summary>
    public int CropPointsDownscaleFactor { get; init; } = 1;

    /// <summary>Holes and islands of fewer pixels are removed from masks; 0 removes none.</summary>
    public int MinMaskRegionArea { get; init; }

    /// <summary>Holes and islands smaller than this share of their mask are removed too; 0 to 1, 0 removes none.</summary>
    public double MinMaskRegionShare { get; init; }

    /// <summary>
    /// Hierarchical mode: the logit above which a pixel of a kept mask of the coarse grid counts as found. Unset, the model's
    /// own; TinySAM's 8.5 where there is no model.
    /// </summary>
    public float HighScoreThresh
    {
        get => _highScoreThresh ?? Sams.HighScore;
        init => _highScoreThresh = value;
    }

    /// <summary>
    /// Hierarchical mode: so many points of the coarse grid must have a mask in which a pixel counts as found; 1 to 64.
    /// With 2 and a lower <see cref="HighScoreThresh"/> fewer objects that lie on others are lost for the same time. Unset, the model's
    /// own; TinySAM's 1 where there is no model.
    /// </summary>
    public int HighScoreVotes
    {
        get => _highScoreVotes ?? Sams.HighScoreVotes;
        init => _highScoreVotes = value;
    }

    /// <summary>
    /// Bytes that a batch of prompts may take, and half of it again for masks that may yet be dropped; 16 MiB at least. More
    /// are a little faster.
    /// </summary>
    public long MemoryBudget { get; init; } = 256L << 20;

    /// <summary>The defaults, with the thresholds that fit a model: <see cref="SamConfig.MaskThresholds"/>.</summary>
    public static MaskGeneratorOptions For(SamConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return new MaskGeneratorOptions().WithThresholdsOf(config);
    }

    /// <summary>The same with those thresholds that are not set as they fit a model.</summary>
    internal MaskGeneratorOptions WithThresholdsOf(SamConfig config)
    {
        MaskThresholds thresholds = config.MaskThresholds ?? Sams;
        return this with
        {
            PredIouThresh = _predIouThresh ?? thresholds.PredIou,
            StabilityScoreThresh = _stabilityScoreThresh ?? thresholds.StabilityScore,
            HighScoreThresh = _highScoreThresh ?? thresholds.HighScore,
            HighScoreVotes = _highScoreVotes ?? thresholds.HighScoreVotes,
        };
    }

    /// <summary>Throws where a value is out of its range.</summary>
    /// <exception cref="ArgumentException">Says which, and the range.</exception>
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
