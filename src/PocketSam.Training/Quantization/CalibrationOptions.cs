namespace PocketSam.Training.Quantization;

/// <summary>How the ranges of a simulated quantisation are found.</summary>
public sealed record CalibrationOptions
{
    /// <summary>Bits of weights and of what goes into products: 2 to 8.</summary>
    public int Bits { get; init; } = 8;

    /// <summary>What decides over scales.</summary>
    public RangeMetric Metric { get; init; } = RangeMetric.Hessian;

    /// <summary>Whether what comes out of softmax and GELU has two ranges (PTQ4ViT's twin uniform quantisation).</summary>
    public bool TwinRanges { get; init; } = true;

    /// <summary>Photos to calibrate on: 1 to 1024. TinySAM takes 8.</summary>
    public int Photos { get; init; } = 8;

    /// <summary>Chooses photos, masks, prompts and rows.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Refuses what is out of its range.</summary>
    /// <exception cref="ArgumentException">A number is.</exception>
    internal void Validate()
    {
        if (Bits is < 2 or > 8)
            throw new ArgumentException($"{Bits} bits: 2 to 8 are possible", nameof(Bits));
        if (Photos is < 1 or > 1024)
            throw new ArgumentException($"{Photos} photos: 1 to 1024 are possible", nameof(Photos));
    }
}
