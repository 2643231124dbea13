using System.Text;
using System.Text.Encodings.Web;
using PocketSam.Imaging;

namespace PocketSam.Cli.Datasets;

/// <summary>Writes a data set in one of <see cref="PictureFormats"/>, with one list of classes for all pictures.</summary>
/// <param name="format">The format.</param>
/// <param name="tolerance">Pixels that outlines may lie off.</param>
internal sealed class DatasetWriter(MaskFormat format, double tolerance)
{
    private const string Yolo = "yolo";
    private const string Cutout = "cutout";

    /// <summary>Whether the set is one file.</summary>
    public bool IsFile => format is { Name: "coco" };

    /// <summary>Writes pictures, whole or not at all: COCO to a file, everything else to a new folder.</summary>
    /// <param name="output">The file or folder.</param>
    /// <param name="pictures">The pictures, which are gone through once.</param>
    /// <param name="classes">Names of the classes, in their order.</param>
    /// <param name="cancellation">Looked at between pictures.</param>
    /// <exception cref="IOException">It cannot be written, or two pictures would have one file.</exception>
    public void Write(
        string output, IReadOnlyList<LabelledPicture> pictures, IReadOnlyList<string> classes, CancellationToken cancellation)
    {
        if (IsFile)
        {
            string folder = Path.GetDirectoryName(Path.GetFullPath(output))!;
            CocoWriter.Write(output, pictures.Select(picture =>
            {
                cancellation.ThrowIfCancellationRequested();
                return Annotated(picture, classes, Link(folder, picture));
            }));
            return;
        }

        string full = Path.GetFullPath(output);
        AtomicFolder.Write(full, temporary =>
        {
            var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            foreach (LabelledPicture picture in pictures)
            {
                cancellation.ThrowIfCancellationRequested();
                string name = Path.ChangeExtension(picture.Name, null) + (format.IsFilePerMask ? "" : format.Extension);
                if (format.FurtherFiles.Contains(Path.GetFileName(name)))
                    throw new IOException($"{output}: {name} would be the result of all pictures and of {picture.Name}");
                if (!names.Add(name))
                    throw new IOException($"{output}: {name} would be the result of two pictures");
                string path = Path.GetFullPath(Path.Combine(temporary, format.Name == Yolo ? "labels" : "", name));
                if (!path.StartsWith(temporary + Path.DirectorySeparatorChar, StringComparison.Ordinal))
                    throw new IOException($"{picture.Name}: leads out of the folder of the results");
                OutputPath.CreateFolder(Path.GetDirectoryName(path)!);
                AnnotatedPicture annotated = Annotated(picture, classes, picture.File ?? Path.Combine(temporary, picture.Name));
                if (format.Name == Cutout && picture.File is not null)
                    annotated = annotated with { Photo = ImageFile.Read(picture.File) };
                format.Write(path, annotated, tolerance, cancellation);
            }

            if (format.Name == Yolo)
                AtomicFile.Write(Path.Combine(temporary, "data.yaml"), stream => Describe(stream, classes));
        });
    }

    private static AnnotatedPicture Annotated(LabelledPicture picture, IReadOnlyList<string> classes, string path)
        => new(path, picture.Width, picture.Height, picture.Annotations) { Classes = classes };

    private static string Link(string folder, LabelledPicture picture) => picture.File is null
        ? picture.Name : Path.GetRelativePath(folder, Path.GetFullPath(picture.File)).Replace(Path.DirectorySeparatorChar, '/');

    /// <summary>What Ultralytics reads first; a text in JSON's quotes is one in YAML's.</summary>
    private static void Describe(Stream stream, IReadOnlyList<string> classes)
    {
        using var text = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        text.WriteLine("path: .\ntrain: images\nval: images\nnames:");
        for (int i = 0; i < classes.Count; i++)
            text.WriteLine($"  {i}: \"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(classes[i])}\"");
    }
}
