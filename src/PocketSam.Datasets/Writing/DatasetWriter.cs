using PocketSam.Imaging;

namespace PocketSam.Datasets.Writing;

/// <summary>A data set format that can be written, with one list of classes for all pictures.</summary>
/// <param name="name">The format's name in options.</param>
/// <param name="extension">Extension of its file, with the dot; null if it is a folder.</param>
internal abstract class DatasetWriter(string name, string? extension = null)
{
    /// <summary>
    /// All formats: those of one file for the set, id masks, and <see cref="PictureFormats"/> in a folder.
    /// </summary>
    public static IReadOnlyList<DatasetWriter> All { get; } =
    [
        new CocoSetWriter(), new CvatSetWriter(), new LabelStudioSetWriter(), new IdMaskSetWriter(),
        .. PictureFormats.All.All.Where(format => format.Name != CocoSetWriter.FormatName).Select(format => new MaskFormatSetWriter(format)),
    ];

    /// <summary>The format's name in options.</summary>
    public string Name { get; } = name;

    /// <summary>Extension of its file, with the dot; null if it is a folder.</summary>
    public string? Extension { get; } = extension;

    /// <summary>Path of a second file that the format writes; null if there is none.</summary>
    /// <param name="output">Path of the file or folder.</param>
    public virtual string? Companion(string output) => null;

    /// <summary>Writes the pictures, completely or not at all.</summary>
    /// <param name="output">Path of the file, or of a new folder.</param>
    /// <param name="pictures">The pictures.</param>
    /// <param name="set">
    /// The reading of their set: gives the classes in their order, and records what cannot be written.
    /// </param>
    /// <param name="tolerance">
    /// Largest distance in pixels of an outline from the mask's border, for formats with outlines.
    /// </param>
    /// <param name="cancellation">Checked between pictures.</param>
    /// <exception cref="IOException">
    /// The output cannot be written, or two pictures would have the same file.
    /// </exception>
    public abstract void Write(
        string output, IReadOnlyList<LabelledPicture> pictures, DatasetReading set, double tolerance, CancellationToken cancellation);

    /// <summary>
    /// The names of the set's classes, and last the name for objects without a class if there are any.
    /// </summary>
    protected static IEnumerable<string> Labels(IReadOnlyList<LabelledPicture> pictures, DatasetReading set)
        => set.Classes.Concat(pictures.SelectMany(picture => picture.Annotations).Select(annotation => annotation.ClassName)).Distinct();

    /// <summary>The input of the mask formats.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="set">The set, for its classes.</param>
    /// <param name="path">The picture's path as the format writes it.</param>
    protected static AnnotatedPicture Annotated(LabelledPicture picture, DatasetReading set, string path)
        => new(path, picture.Width, picture.Height, picture.Annotations) { Classes = set.Classes };

    /// <summary>The output file of each picture in a folder under construction; creates its directories.</summary>
    /// <exception cref="IOException">Two pictures have the same file, or a name leads out of the folder.</exception>
    /// <param name="output">The final folder, for messages.</param>
    /// <param name="folder">The folder under construction.</param>
    /// <param name="pictures">The pictures.</param>
    /// <param name="extension">Extension of the files; empty for folders.</param>
    /// <param name="taken">File names that are already in use.</param>
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

    /// <exception cref="IOException">The folder cannot be created; the message names it.</exception>
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
