namespace PocketSam.Training.Quantization;

/// <summary>Options for calibrating the ranges of a simulated quantisation.</summary>
public sealed record CalibrationOptions
{
    /// <summary>Bits of weights and of products' inputs: 2 to 8.</summary>
    public int Bits { get; init; } = 8;

    /// <summary>The criterion for scales.</summary>
    public RangeMetric Metric { get; init; } = RangeMetric.Hessian;

    /// <summary>
    /// Whether the outputs of softmax and GELU have two ranges each (PTQ4ViT's twin uniform quantisation).
    /// </summary>
    public bool TwinRanges { get; init; } = true;

    /// <summary>Number of photos to calibrate on: 1 to 1024. TinySAM uses 8.</summary>
    public int Photos { get; init; } = 8;

    /// <summary>Seed for choosing photos, masks, prompts and rows.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Checks the ranges of all options.</summary>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    internal void Validate()
    {
        if (Bits is < 2 or > 8)
            throw new ArgumentException($"{Bits} bits: 2 to 8 are possible", nameof(Bits));
        if (Photos is < 1 or > 1024)
            throw new ArgumentException($"{Photos} photos: 1 to 1024 are possible", nameof(Photos));
    }
}
