using System.Globalization;

namespace PocketSam.Imaging.Exports;

/// <summary>
/// Each mask as an 8-bit greyscale PNG of the picture's size: 255 inside, 0 outside. A file's name is made of the
/// picture's name and the mask's index: <c>room-mask-0003.png</c>.
/// </summary>
internal sealed class BinaryMaskFormat() : MaskFormat("mask", ".png", "image/png")
{
    public override bool IsFilePerMask => true;

    public override MaskCost CostOf(Annotation mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        return new MaskCost(Pixels: (long)mask.Segmentation.Width * mask.Segmentation.Height);
    }

    protected override IEnumerable<MaskFile> FilesOf(AnnotatedPicture picture, double tolerance)
    {
        string name = Path.GetFileNameWithoutExtension(picture.Path);
        return picture.Annotations.Select((annotation, i) => new MaskFile(
            string.Create(CultureInfo.InvariantCulture, $"{name}-{Name}-{i:d4}{Extension}"),
            stream => stream.Write(MaskPicture.Encode(annotation.Segmentation).Span)) { Place = i });
    }
}
