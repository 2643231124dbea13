using PocketSam.Datasets;
using PocketSam.Datasets.Writing;

namespace PocketSam.Cli.Sharding;

/// <summary>
/// A share of a data set that is converted to another format, written beside the path of the whole output.
/// </summary>
internal static class DataSetPart
{
    /// <summary>The verb in part files, and the names of its facts.</summary>
    public const string Verb = "convert-data", Format = "format", Output = "output", Classes = "classes";

    private const string Folder = ".parts";

    /// <summary>
    /// Writes the pictures of a share, with the classes of all pictures. If the format is a single file, shares are
    /// written as COCO, which keeps masks exact, and the join writes the format.
    /// </summary>
    /// <returns>The written file or folder, and the pictures of the share.</returns>
    /// <exception cref="IOException">The output cannot be written.</exception>
    public static (string Output, List<LabelledPicture> Pictures) Write(
        string output, Share share, DatasetWriter writer, List<LabelledPicture> all, DatasetReading set,
        IReadOnlyDictionary<string, string> facts, double tolerance, CancellationToken cancellation)
    {
        string folder = Path.TrimEndingDirectorySeparator(output) + Folder, home = Path.GetDirectoryName(Path.GetFullPath(output))!;
        OutputPath.RequireFolder(folder);

        // Beside the whole output, so that relative paths to the pictures are the same.
        string stem = Path.GetFileName(Path.TrimEndingDirectorySeparator(output))[..^(writer.Extension?.Length ?? 0)];
        DatasetWriter own = writer.Extension is null ? writer : new CocoSetWriter();
        string name = $"{stem}.{share.Index}-of-{share.Count}{own.Extension}", target = Path.Combine(Path.GetDirectoryName(output) ?? "", name);
        List<LabelledPicture> pictures = [.. all.Where(picture => share.Holds(picture.Name))];
        PartItem[] items = [.. all.Index().Where(one => share.Holds(one.Item.Name))
            .Select(one => new PartItem(
                one.Index, writer.Name == CocoSetWriter.FormatName ? CocoSetWriter.Link(home, one.Item) : one.Item.Name, name))];

        // Objects without a name belong to a class of the whole set.
        set.AddClasses([.. all.SelectMany(picture => picture.Annotations).Select(annotation => annotation.ClassName).Distinct()]);
        OutputPath.CreateFolder(folder);
        own.Write(target, pictures, set, tolerance, cancellation);
        Part.Write(folder, PartOf.Of(Verb, share, [.. all.Select(picture => picture.Name)], facts), items);
        return (target, pictures);
    }

    /// <summary>Joins the shares: of a single-file format their pictures in order, otherwise their files.</summary>
    /// <param name="parts">The parts.</param>
    /// <param name="output">The path of the output; null for the path that the shares were given.</param>
    /// <param name="cancellation">Checked between pictures.</param>
    /// <exception cref="IOException">A result is missing, two results differ, or the output cannot be
    /// written.</exception>
    public static string Join(PartSet parts, string? output, CancellationToken cancellation)
    {
        IReadOnlyDictionary<string, string> facts = parts.Run.Facts;
        if (!facts.TryGetValue(Output, out string? name) || !facts.TryGetValue(Format, out string? format) || !facts.TryGetValue(Classes, out string? classes))
            throw new IOException($"{parts.Items[0].Folder}: the parts do not say what was written");
        output ??= Path.GetRelativePath(Environment.CurrentDirectory, Path.Combine(Beside(parts.Items[0].Folder), Path.GetFileName(name)));
        (string Folder, string Result)[] results = [.. parts.Items.Select(one => (one.Folder, one.Item.Result ?? "")).Distinct()];
        DatasetWriter writer = DatasetWriter.All.FirstOrDefault(writer => writer.Name == format)
            ?? throw new IOException($"{parts.Items[0].Folder}: the parts are of the format {format}, which this version does not know");
        if (writer.Extension is { } extension)
        {
            OutputPath.Require(output, extension);
            var set = new DatasetReading(
                output, PictureIndex.Empty(Beside(parts.Items[0].Folder)), prefersImages: false, classes.Length == 0 ? [] : classes.Split('\n'));
            writer.Write(output, Pictures(parts, cancellation), set, MaskFormat.DefaultTolerance, cancellation);
        }
        else
        {
            JoinFolders(results.Select(one => PartResult.In(Beside(one.Folder), one.Result)), output, cancellation);
        }

        return output;
    }

    /// <summary>The folder that contains the folder of the parts, where results are written.</summary>
    private static string Beside(string folder) => Path.GetDirectoryName(Path.GetFullPath(Path.TrimEndingDirectorySeparator(folder)))!;

    /// <summary>The pictures of all shares in order, with their names in the data set.</summary>
    private static List<LabelledPicture> Pictures(PartSet parts, CancellationToken cancellation)
    {
        var sets = new Dictionary<string, Queue<CocoImage>>();
        return [.. parts.Items.Select(one =>
        {
            cancellation.ThrowIfCancellationRequested();
            string path = PartResult.In(Beside(one.Folder), one.Item.Result ?? "");
            if (!sets.TryGetValue(path, out Queue<CocoImage>? images))
                sets[path] = images = new Queue<CocoImage>(CocoDataset.Load(path).Images);
            if (!images.TryDequeue(out CocoImage? image))
                throw new IOException($"{path}: has fewer pictures than its share");
            return new LabelledPicture(one.Item.Name, null, image.Width, image.Height, [.. image.Annotations.Select(ToAnnotation)]);
        })];
    }

    private static Annotation ToAnnotation(CocoAnnotation annotation) => new(annotation.Decode()) { Label = annotation.Label };

    private static void JoinFolders(IEnumerable<string> folders, string output, CancellationToken cancellation)
    {
        OutputPath.RequireNewFolder(output);
        AtomicFolder.Write(Path.GetFullPath(output), temporary =>
        {
            foreach (string folder in folders)
            {
                foreach (string source in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
                {
                    cancellation.ThrowIfCancellationRequested();
                    string name = Path.GetRelativePath(folder, source), target = Path.Combine(temporary, name);
                    OutputPath.CreateFolder(Path.GetDirectoryName(target)!);
                    if (!File.Exists(target))
                        File.Copy(source, target);
                    else if (!File.ReadAllBytes(source).AsSpan().SequenceEqual(File.ReadAllBytes(target)))
                        throw new IOException($"{source}: differs from {name} of another share");
                }
            }
        });
    }
}
