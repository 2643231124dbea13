namespace PocketSam.Training.Data;

/// <summary>Strength of <see cref="Augmentation"/>. The defaults suit training from scratch.</summary>
public sealed record AugmentationOptions
{
    /// <summary>
    /// Smallest longest side of the crop as a fraction of the picture's longest side; above 0, at most 1.
    /// </summary>
    public float MinScale { get; init; } = 0.35f;

    /// <summary>Largest longest side of the crop, as a fraction; from <see cref="MinScale"/> to 1.</summary>
    public float MaxScale { get; init; } = 1;

    /// <summary>
    /// A crop's sides have a ratio from <c>1 / (1 + jitter)</c> to <c>1 + jitter</c>; jitter is 0 to 1.
    /// </summary>
    public float AspectJitter { get; init; } = 0.25f;

    /// <summary>
    /// Probability that the crop is a closer look at one object, as
    /// <see cref="Sam.PredictZoomed(RgbImage, ImageEmbedding, Prompt, bool?, CancellationToken)"/> takes it: a square whose
    /// side is 1.2 to 3 times the longest side of a mask's box, and at least 64 pixels; the box is anywhere in it; 0 to 1.
    /// </summary>
    public float ZoomProbability { get; init; }

    /// <summary>Probability of mirroring left and right; 0 to 1.</summary>
    public float FlipProbability { get; init; } = 0.5f;

    /// <summary>
    /// Strength of changes of brightness, contrast, saturation, hue and gamma; 0 (none) to 1. At 1 the first three are
    /// factors between 0.6 and 1.4.
    /// </summary>
    public float ColorJitter { get; init; } = 0.6f;

    /// <summary>Probability of a grey picture; 0 to 1.</summary>
    public float GrayscaleProbability { get; init; } = 0.05f;

    /// <summary>Probability of a slight blur; 0 to 1.</summary>
    public float BlurProbability { get; init; } = 0.1f;

    /// <summary>Probability of added noise; 0 to 1.</summary>
    public float NoiseProbability { get; init; } = 0.15f;

    /// <summary>Probability of JPEG artefacts; 0 to 1.</summary>
    public float JpegProbability { get; init; } = 0.15f;

    /// <summary>Masks with fewer pixels in the result are dropped; at least 1.</summary>
    public int MinMaskArea { get; init; } = 32;

    /// <summary>Masks of which the crop shows less than this fraction are dropped; 0 to 1.</summary>
    public float MinVisibleFraction { get; init; } = 0.25f;

    /// <summary>Resizing only, without any other change.</summary>
    public static AugmentationOptions None { get; } = new()
    {
        MinScale = 1,
        AspectJitter = 0,
        FlipProbability = 0,
        ColorJitter = 0,
        GrayscaleProbability = 0,
        BlurProbability = 0,
        NoiseProbability = 0,
        JpegProbability = 0,
        MinMaskArea = 1,
        MinVisibleFraction = 0,
    };

    internal void Validate()
    {
        Require(MinScale is > 0 and <= 1, nameof(MinScale), MinScale);
        Require(MaxScale >= MinScale && MaxScale <= 1, nameof(MaxScale), MaxScale);
        Require(AspectJitter is >= 0 and <= 1, nameof(AspectJitter), AspectJitter);
        Require(ZoomProbability is >= 0 and <= 1, nameof(ZoomProbability), ZoomProbability);
        Require(FlipProbability is >= 0 and <= 1, nameof(FlipProbability), FlipProbability);
        Require(ColorJitter is >= 0 and <= 1, nameof(ColorJitter), ColorJitter);
        Require(GrayscaleProbability is >= 0 and <= 1, nameof(GrayscaleProbability), GrayscaleProbability);
        Require(BlurProbability is >= 0 and <= 1, nameof(BlurProbability), BlurProbability);
        Require(NoiseProbability is >= 0 and <= 1, nameof(NoiseProbability), NoiseProbability);
        Require(JpegProbability is >= 0 and <= 1, nameof(JpegProbability), JpegProbability);
        Require(MinMaskArea >= 1, nameof(MinMaskArea), MinMaskArea);
        Require(MinVisibleFraction is >= 0 and <= 1, nameof(MinVisibleFraction), MinVisibleFraction);
    }

    private static void Require(bool holds, string name, object value)
    {
        if (!holds)
            throw new ArgumentOutOfRangeException(name, value, $"{name} is out of its documented range");
    }
}
