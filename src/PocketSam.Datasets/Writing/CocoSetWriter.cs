namespace PocketSam.Datasets.Writing;

/// <summary>Writes one COCO file, which refers to the pictures by paths relative to its own folder.</summary>
internal sealed class CocoSetWriter() : DatasetWriter(FormatName, ".json")
{
    public const string FormatName = "coco";

    public override void Write(
        string output, IReadOnlyList<LabelledPicture> pictures, DatasetReading set, double tolerance, CancellationToken cancellation)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(output))!;
        CocoWriter.Write(output, pictures.Select(picture =>
        {
            cancellation.ThrowIfCancellationRequested();
            return Annotated(picture, set, Link(folder, picture));
        }));
    }

    /// <summary>The path of a picture relative to a folder; its name if it has no file.</summary>
    public static string Link(string folder, LabelledPicture picture) => picture.File is null
        ? picture.Name : Path.GetRelativePath(folder, Path.GetFullPath(picture.File)).Replace(Path.DirectorySeparatorChar, '/');
}
