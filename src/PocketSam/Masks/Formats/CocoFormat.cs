namespace PocketSam.Masks.Formats;

/// <summary>A complete COCO data set of one picture, as written by <see cref="CocoWriter"/>.</summary>
internal sealed class CocoFormat() : MaskFormat("coco", ".json", "application/json")
{
    public override bool LinksPicture => true;

    public override MaskCost CostOf(Annotation mask) => default;

    protected override IEnumerable<MaskFile> FilesOf(AnnotatedPicture picture, double tolerance)
        => [new MaskFile(NameFor(picture), stream => CocoWriter.Write(stream, [picture]))];
}
