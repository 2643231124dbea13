using System.Globalization;
using PocketSam.Cli.Reports;
using PocketSam.Training.Data;

namespace PocketSam.Cli.Everything;

/// <summary>Finds masks with FastSAM, in one pass.</summary>
/// <param name="fast">The model.</param>
/// <param name="options">The model's options.</param>
/// <param name="stability">Least stability score of a mask, 0 to 1.</param>
/// <param name="minRegion">Holes and islands smaller than this fraction of their mask are removed, 0 to 1.</param>
internal sealed class FastSamFinder(FastSam fast, FastSamOptions options, double stability, double minRegion) : MaskFinder
{
    public override ModelReport Model => ModelReport.Of(fast, options.ImageSize);

    public override string Request
        => FormattableString.Invariant($"FastSAM {PictureKey.Hash(fast.Name)} {options} stability {stability} regions {minRegion}");

    public override (IReadOnlyList<GeneratedMask> Masks, string WhyNone) Find(
        RgbImage image, IProgress<double> progress, CancellationToken cancellation)
    {
        FastSamResult found = fast.Segment(image, options, progress, cancellation);
        GeneratedMask[] masks =
        [
            .. found.Masks.Where(mask => mask.StabilityScore >= stability).Select(Cleaned).Where(mask => mask.Area > 0),
        ];
        return (masks, string.Create(
            CultureInfo.InvariantCulture,
            $"{found.Masks.Count} masks above confidence {options.Confidence}, none of them of stability {stability} or more"));
    }

    private GeneratedMask Cleaned(GeneratedMask mask)
    {
        Rle runs = mask.Segmentation.RemoveSmallRegions(minRegion);
        return ReferenceEquals(runs, mask.Segmentation) ? mask : mask with { Segmentation = runs, Area = runs.Area, Box = runs.Bounds };
    }
}
