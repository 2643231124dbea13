namespace PocketSam.Masks.Formats;

/// <summary>A complete COCO dataset of one picture, as <see cref="CocoWriter"/> writes it.</summary>
internal sealed class CocoFormat() : MaskFormat("coco", ".json", "application/json")
{
    public override bool LinksPicture => true;

    protected override IEnumerable<MaskFile> FilesOf(AnnotatedPicture picture, double tolerance)
        => [new MaskFile(NameFor(picture), stream => CocoWriter.Write(stream, [picture]))];
}
