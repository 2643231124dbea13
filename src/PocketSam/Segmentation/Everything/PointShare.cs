namespace PocketSam.Segmentation.Everything;

/// <summary>Reports a generator's progress as a fraction.</summary>
internal sealed class PointShare(IProgress<double> progress) : IProgress<MaskGeneratorProgress>
{
    public void Report(MaskGeneratorProgress value) => progress.Report(value.Fraction);
}
