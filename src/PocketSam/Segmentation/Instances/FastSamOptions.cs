namespace PocketSam;

/// <summary>Options of <see cref="FastSam.Segment"/>; defaults are those of FastSAM's paper and README.</summary>
public sealed record FastSamOptions
{
    /// <summary>Longest side of the network's input in pixels: a multiple of 32 from 64 to 4096.</summary>
    public int ImageSize { get; init; } = 1024;

    /// <summary>
    /// Whether the input is a square, as for exported models, rather than the smallest rectangle for the picture.
    /// </summary>
    public bool Square { get; init; }

    /// <summary>Masks with a higher confidence stay, 0 to 1.</summary>
    public float Confidence { get; init; } = 0.4f;

    /// <summary>Largest IoU of two boxes, 0 to 1; above it, the one with the lower confidence is dropped.</summary>
    public float BoxNmsThresh { get; init; } = 0.9f;

    /// <summary>Most masks, 1 to 10,000.</summary>
    public int MaxMasks { get; init; } = 300;

    /// <summary>How prototypes become masks.</summary>
    public MaskRule MaskRule { get; init; }

    /// <summary>Checks that all values are in range.</summary>
    /// <exception cref="ArgumentException">A value is out of range; the message names it and the range.</exception>
    public void Validate()
    {
        Require(ImageSize is >= 64 and <= 4096 && ImageSize % 32 == 0, $"{nameof(ImageSize)} is {ImageSize}: must be a multiple of 32 from 64 to 4096");
        Require(Confidence is >= 0 and <= 1, $"{nameof(Confidence)} is {Confidence}: must lie in 0 ... 1");
        Require(BoxNmsThresh is >= 0 and <= 1, $"{nameof(BoxNmsThresh)} is {BoxNmsThresh}: must lie in 0 ... 1");
        Require(MaxMasks is >= 1 and <= 10_000, $"{nameof(MaxMasks)} is {MaxMasks}: must lie in 1 ... 10000");
        Require(Enum.IsDefined(MaskRule), $"{nameof(MaskRule)} is {(int)MaskRule}: no such rule");
    }

    private static void Require(bool valid, FormattableString message)
    {
        if (!valid)
            throw new ArgumentException(FormattableString.Invariant(message));
    }
}
