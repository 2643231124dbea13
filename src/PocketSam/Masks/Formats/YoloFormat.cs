using System.Globalization;
using PocketSam.Masks.Formats;

namespace PocketSam;

/// <summary>
/// Labels for the segmentation models of Ultralytics' YOLO: a line a mask, <c>class x y x y ...</c>, with coordinates
/// divided by the picture's width and height. Classes are places in the <see cref="LabelIndex"/> of the masks, so masks
/// without labels are of class 0.
/// </summary>
/// <remarks>
/// A line holds a single ring. Holes and further parts of a mask are joined to it by bridges of no width, each between
/// the two nearest corners and walked once each way: filled by the even-odd rule the ring is the mask. An empty mask
/// has no line.
/// </remarks>
public sealed class YoloFormat : MaskFileFormat
{
    private readonly double _tolerance;

    /// <param name="tolerance">See <see cref="BinaryMask.ToPolygons(double)"/>; 0 keeps every corner.</param>
    /// <exception cref="ArgumentOutOfRangeException">The tolerance is negative or not finite.</exception>
    public YoloFormat(double tolerance = 1) => _tolerance = CheckTolerance(tolerance);

    /// <inheritdoc/>
    public override string Extension => ".txt";

    /// <inheritdoc/>
    public override bool LinksPicture => false;

    /// <inheritdoc/>
    public override void Write(Stream stream, AnnotatedPicture picture)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(picture);
        using var text = new StreamWriter(stream, Utf8, leaveOpen: true) { NewLine = "\n" };
        var labels = new LabelIndex(picture.Masks);
        foreach (GeneratedMask mask in picture.Masks)
        {
            IReadOnlyList<PixelCorner> ring = RingBridge.Join(
                mask.Segmentation.ToPolygons(_tolerance).SelectMany(polygon => polygon.Rings));
            if (ring.Count == 0)
                continue;
            text.Write(labels.Of(mask).ToString(CultureInfo.InvariantCulture));
            foreach (PixelCorner corner in ring)
            {
                text.Write(string.Create(
                    CultureInfo.InvariantCulture,
                    $" {(double)corner.X / picture.Width:0.########} {(double)corner.Y / picture.Height:0.########}"));
            }

            text.WriteLine();
        }
    }
}
