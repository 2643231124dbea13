namespace PocketSam.Segmentation.Everything;

/// <summary>Points that were asked, told as a share.</summary>
internal sealed class PointShare(IProgress<double> progress) : IProgress<MaskGeneratorProgress>
{
    public void Report(MaskGeneratorProgress value) => progress.Report(value.Fraction);
}
