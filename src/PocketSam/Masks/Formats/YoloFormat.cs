using System.Globalization;

namespace PocketSam.Masks.Formats;

/// <summary>
/// Labels for the segmentation models of Ultralytics' YOLO: a line for each mask, <c>class x y x y ...</c>, with
/// coordinates divided by the picture's width and height. Classes are indices into the <see cref="LabelIndex"/> of the
/// picture, which <c>classes.txt</c> beside the labels lists. Pictures that are used together need the same
/// <see cref="AnnotatedPicture.Classes"/>.
/// </summary>
/// <remarks>
/// A line holds a single ring. Bridges of no width join holes and further parts of
/// a mask to it, each between the two nearest corners and walked once each way:
/// filled by the even-odd rule the ring is the mask. An empty mask has no line.
/// </remarks>
internal sealed class YoloFormat() : MaskFormat("yolo", ".txt", "text/plain; charset=utf-8")
{
    private const string ClassesName = "classes.txt";

    public override IReadOnlyList<string> FurtherFiles => [ClassesName];

    protected override void Check(AnnotatedPicture picture)
    {
        if (NameFor(picture) == ClassesName)
        {
            throw new ArgumentException(
                $"{picture.Path}: its labels would be called {ClassesName}, which has the names of the classes; give the picture another name",
                nameof(picture));
        }
    }

    protected override IEnumerable<MaskFile> FilesOf(AnnotatedPicture picture, double tolerance)
    {
        var labels = new LabelIndex(picture.Annotations, picture.Classes);
        yield return new MaskFile(NameFor(picture), stream => Write(stream, picture, labels, tolerance));
        yield return new MaskFile(ClassesName, stream => WriteClasses(stream, labels));
    }

    private static void WriteClasses(Stream stream, LabelIndex labels)
    {
        using StreamWriter text = TextTo(stream);
        foreach (string label in labels.Names)
            text.WriteLine(label);
    }

    private static StreamWriter TextTo(Stream stream) => new(stream, Utf8, leaveOpen: true) { NewLine = "\n" };

    private static void Write(Stream stream, AnnotatedPicture picture, LabelIndex labels, double tolerance)
    {
        using StreamWriter text = TextTo(stream);
        foreach (Annotation mask in picture.Annotations)
        {
            IReadOnlyList<PixelCorner> ring = RingBridge.Join(
                mask.Segmentation.ToPolygons(tolerance).SelectMany(polygon => polygon.Rings));
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
