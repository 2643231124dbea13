using PocketSam.Cli.Reports;

namespace PocketSam.Cli.Everything;

/// <summary>Finds masks with SAM, prompted at a grid of points.</summary>
internal sealed class SamFinder(Sam sam, MaskGeneratorOptions options, int imageSize) : MaskFinder
{
    private readonly MaskGenerator _generator = new(sam, options);

    public override ModelReport Model => ModelReport.Of(sam, imageSize);

    public override string Request
        => FormattableString.Invariant($"{sam.Fingerprint} {sam.DecoderFingerprint} at {imageSize} {options}");

    public override (IReadOnlyList<GeneratedMask> Masks, string WhyNone) Find(
        RgbImage image, IProgress<double> progress, CancellationToken cancellation)
    {
        var steps = new Steps(progress);
        IReadOnlyList<GeneratedMask> masks = _generator.Generate(image, imageSize, steps, cancellation);
        return (masks, steps.Tally.Describe(_generator.Options));
    }

    private sealed class Steps(IProgress<double> progress) : IProgress<MaskGeneratorProgress>
    {
        public MaskGeneratorTally Tally { get; private set; }

        public void Report(MaskGeneratorProgress value)
        {
            Tally = value.Tally;
            progress.Report(value.Fraction);
        }
    }
}
