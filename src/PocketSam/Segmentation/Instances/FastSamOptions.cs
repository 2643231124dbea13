namespace PocketSam;

/// <summary>What <see cref="FastSam.Segment"/> keeps; defaults are those of FastSAM's paper and README.</summary>
public sealed record FastSamOptions
{
    /// <summary>Side of the network's input: a multiple of 32 from 64 to 4096.</summary>
    public int ImageSize { get; init; } = 1024;

    /// <summary>Whether the input is a square, as for exported models, or the least rectangle that the picture needs.</summary>
    public bool Square { get; init; }

    /// <summary>Masks of a higher confidence stay; 0 to 1.</summary>
    public float Confidence { get; init; } = 0.4f;

    /// <summary>Of two boxes that overlap by more than this IoU the one of lower confidence is dropped; 0 to 1.</summary>
    public float BoxNmsThresh { get; init; } = 0.9f;

    /// <summary>Masks at most; 1 to 10,000.</summary>
    public int MaxMasks { get; init; } = 300;

    /// <summary>How masks are made.</summary>
    public MaskRule MaskRule { get; init; }

    /// <summary>Throws where a value is out of its range.</summary>
    /// <exception cref="ArgumentException">Says which, and the range.</exception>
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
