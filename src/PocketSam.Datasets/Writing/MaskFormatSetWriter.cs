using System.Text;
using System.Text.Encodings.Web;
using PocketSam.Imaging;

namespace PocketSam.Datasets.Writing;

/// <summary>Writes a folder with one file or subfolder of a mask format for each picture.</summary>
/// <param name="format">The format.</param>
internal sealed class MaskFormatSetWriter(MaskFormat format) : DatasetWriter(format.Name)
{
    private const string Yolo = "yolo";
    private const string Cutout = "cutout";

    public override void Write(
        string output, IReadOnlyList<LabelledPicture> pictures, DatasetReading set, double tolerance, CancellationToken cancellation)
        => AtomicFolder.Write(Path.GetFullPath(output), temporary =>
        {
            string folder = format.Name == Yolo ? Path.Combine(temporary, "labels") : temporary;
            string extension = format.IsFilePerMask ? "" : format.Extension;
            foreach ((LabelledPicture picture, string path) in FilesFor(output, folder, pictures, extension, format.FurtherFiles))
            {
                cancellation.ThrowIfCancellationRequested();
                AnnotatedPicture annotated = Annotated(picture, set, picture.File ?? Path.Combine(temporary, picture.Name));
                if (format.Name == Cutout && picture.File is not null)
                    annotated = annotated with { Photo = ImageFile.Read(picture.File) };
                format.Write(path, annotated, tolerance, cancellation);
            }

            if (format.Name == Yolo)
                AtomicFile.Write(Path.Combine(temporary, "data.yaml"), stream => Describe(stream, set.Classes));
        });

    /// <summary>
    /// Writes data.yaml, the file that Ultralytics reads first. A quoted JSON string is also a YAML string.
    /// </summary>
    private static void Describe(Stream stream, IReadOnlyList<string> classes)
    {
        using var text = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        text.WriteLine("path: .\ntrain: images\nval: images\nnames:");
        for (int i = 0; i < classes.Count; i++)
            text.WriteLine($"  {i}: \"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(classes[i])}\"");
    }
}
