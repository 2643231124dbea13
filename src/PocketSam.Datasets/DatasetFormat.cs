using System.Text.Json;

namespace PocketSam.Datasets;

/// <summary>A data set format that can be read.</summary>
internal abstract class DatasetFormat
{
    /// <summary>Largest number of pixels that a data set may state for a picture.</summary>
    protected const int MaxPixels = 500_000_000;

    /// <summary>All formats. The first that recognises a path reads it.</summary>
    public static IReadOnlyList<DatasetFormat> All { get; } =
        [new CocoSet(), new YoloSet(), new LabelMeSet(), new CvatSet(), new LabelStudioSet(), new MaskSet()];

    /// <summary>The format's name in options.</summary>
    public abstract string Name { get; }

    /// <summary>Whether a file or folder is of this format, as far as names and the beginnings of files show.</summary>
    public abstract bool Recognises(string path);

    /// <summary>Reads a data set. What cannot be used is left out and noted in the reading.</summary>
    /// <exception cref="IOException">The set as a whole cannot be read; the message names the file.</exception>
    public abstract IEnumerable<LabelledPicture> Read(DatasetReading set);

    /// <summary>Whether an image file is a picture of the set, rather than a mask.</summary>
    public virtual bool IsPicture(string path) => true;

    /// <summary>
    /// The files with an extension in a folder and its subfolders, or the path itself if it is such a file.
    /// </summary>
    protected static IEnumerable<string> Files(string path, string extension)
    {
        IEnumerable<string> files = Directory.Exists(path)
            ? Directory.EnumerateFiles(path, "*" + extension, SearchOption.AllDirectories)
                .Where(file => !Path.GetFileName(file).StartsWith('.')).Order(StringComparer.Ordinal)
            : [path];
        return files.Where(file => Path.GetExtension(file) == extension);
    }

    /// <summary>Parses a JSON file, with or without a byte order mark.</summary>
    /// <exception cref="JsonException">The file is not JSON.</exception>
    protected static JsonDocument ReadJson(string file)
    {
        using FileStream stream = File.OpenRead(file);
        return JsonDocument.Parse(stream);
    }

    /// <summary>Parses a JSON file that the set cannot be read without.</summary>
    /// <exception cref="DataFormatException">The file is not JSON; the message names it.</exception>
    protected static JsonDocument RequireJson(string file)
    {
        try
        {
            return ReadJson(file);
        }
        catch (JsonException e)
        {
            throw new DataFormatException(file, $"not JSON: {e.Message}", e);
        }
    }

    /// <summary>An annotation of a mask of the picture's size; null if the mask is empty.</summary>
    public static Annotation? Annotate(BinaryMask mask, string? label)
        => mask.Bounds.IsEmpty ? null : new Annotation(mask) { Label = label };

    /// <summary>The stated size if it is valid, else that of the picture's file; null if neither is known.</summary>
    protected static (int Width, int Height)? Size(int? width, int? height, string? picture)
        => width is >= 1 and <= 65_535 && height is >= 1 and <= 65_535 && (long)width.Value * height.Value <= MaxPixels
            ? (width.Value, height.Value) : PictureIndex.SizeOf(picture);
}
