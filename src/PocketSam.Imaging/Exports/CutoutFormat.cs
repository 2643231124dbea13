using System.Globalization;

namespace PocketSam.Imaging.Exports;

/// <summary>
/// The part of the photo in each mask's box as an RGBA PNG: opaque inside the mask; outside transparent black, so
/// nothing else of the photo is in the file. A file's name is made of the picture's name and the mask's index:
/// <c>room-cutout-0003.png</c>. Empty masks have no file.
/// </summary>
internal sealed class CutoutFormat() : MaskFormat("cutout", ".png", "image/png")
{
    public override bool IsFilePerMask => true;

    public override MaskCost CostOf(Annotation mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        return new MaskCost(Pixels: (long)mask.Box.Width * mask.Box.Height, PhotoPixels: mask.Area);
    }

    protected override void Check(AnnotatedPicture picture)
    {
        RgbImage photo = picture.Photo ?? throw new ArgumentException($"{picture.Path}: cutouts need the photo", nameof(picture));
        if (photo.Width != picture.Width || photo.Height != picture.Height)
        {
            throw new ArgumentException(
                $"{picture.Path}: a photo of {photo.Width}x{photo.Height} where masks are of "
                + $"{picture.Width}x{picture.Height}", nameof(picture));
        }
    }

    protected override IEnumerable<MaskFile> FilesOf(AnnotatedPicture picture, double tolerance)
    {
        string name = Path.GetFileNameWithoutExtension(picture.Path);
        return picture.Annotations.Index().Where(mask => mask.Item.Area > 0).Select(mask => new MaskFile(
            string.Create(CultureInfo.InvariantCulture, $"{name}-{Name}-{mask.Index:d4}{Extension}"),
            stream => stream.Write(MaskPicture.EncodeCutout(mask.Item.Segmentation, picture.Photo!).Span)) { Place = mask.Index });
    }
}
