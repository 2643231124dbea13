using PocketSam.Imaging;

namespace PocketSam.Datasets.Writing;

/// <summary>A format of data sets that is written, with one list of classes for all pictures.</summary>
/// <param name="name">What it is asked for by.</param>
/// <param name="extension">How the name of its file ends, with the dot; null where it is a folder.</param>
internal abstract class DatasetWriter(string name, string? extension = null)
{
    /// <summary>
    /// All of them: those of one file for the set, masks as numbers, and <see cref="PictureFormats"/> in a folder.
    /// </summary>
    public static IReadOnlyList<DatasetWriter> All { get; } =
    [
        new CocoSetWriter(), new CvatSetWriter(), new LabelStudioSetWriter(), new IdMaskSetWriter(),
        .. PictureFormats.All.All.Where(format => format.Name != CocoSetWriter.FormatName).Select(format => new MaskFormatSetWriter(format)),
    ];

    /// <summary>What it is asked for by.</summary>
    public string Name { get; } = name;

    /// <summary>How the name of its file ends, with the dot; null where it is a folder.</summary>
    public string? Extension { get; } = extension;

    /// <summary>A further file of the set; null where there is none.</summary>
    /// <param name="output">The file or folder.</param>
    public virtual string? Companion(string output) => null;

    /// <summary>Writes pictures, whole or not at all.</summary>
    /// <param name="output">The file, or a new folder.</param>
    /// <param name="pictures">The pictures.</param>
    /// <param name="set">The set that they are of: its classes, in their order; what cannot be written is noted in it.</param>
    /// <param name="tolerance">Pixels that outlines may lie off, where the format has outlines.</param>
    /// <param name="cancellation">Looked at between pictures.</param>
    /// <exception cref="IOException">It cannot be written, or two pictures would have one file.</exception>
    public abstract void Write(
        string output, IReadOnlyList<LabelledPicture> pictures, DatasetReading set, double tolerance, CancellationToken cancellation);

    /// <summary>The names of a set's classes, and last what objects without a name are called where there are such.</summary>
    protected static IEnumerable<string> Labels(IReadOnlyList<LabelledPicture> pictures, DatasetReading set)
        => set.Classes.Concat(pictures.SelectMany(picture => picture.Annotations).Select(annotation => annotation.ClassName)).Distinct();

    /// <summary>What formats start from.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="set">The set, for its classes.</param>
    /// <param name="path">The picture's file, as the format names it.</param>
    protected static AnnotatedPicture Annotated(LabelledPicture picture, DatasetReading set, string path)
        => new(path, picture.Width, picture.Height, picture.Annotations) { Classes = set.Classes };

    /// <summary>The files of pictures in a folder that is being made, each in its folders, refusing what leads out or collides.</summary>
    /// <param name="output">The folder, for messages.</param>
    /// <param name="folder">Where it is being made.</param>
    /// <param name="pictures">The pictures.</param>
    /// <param name="extension">How the files' names end; empty for folders.</param>
    /// <param name="taken">Names of other files of the folder.</param>
    protected static IEnumerable<(LabelledPicture Picture, string Path)> FilesFor(
        string output, string folder, IReadOnlyList<LabelledPicture> pictures, string extension, IReadOnlyList<string> taken)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (LabelledPicture picture in pictures)
        {
            string name = Path.ChangeExtension(picture.Name, null) + extension;
            if (taken.Contains(Path.GetFileName(name)))
                throw new IOException($"{output}: {name} would be the result of all pictures and of {picture.Name}");
            if (!names.Add(name))
                throw new IOException($"{output}: {name} would be the result of two pictures");
            string path = Path.GetFullPath(Path.Combine(folder, name));
            if (!path.StartsWith(Path.GetFullPath(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
                throw new IOException($"{picture.Name}: leads out of the folder of the results");
            CreateFolder(Path.GetDirectoryName(path)!);
            yield return (picture, path);
        }
    }

    /// <exception cref="IOException">It cannot be made; the message names it.</exception>
    private static void CreateFolder(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{folder}: cannot be written ({e.Message})", e);
        }
    }
}
