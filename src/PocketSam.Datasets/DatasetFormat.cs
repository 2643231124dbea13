using System.Text.Json;

namespace PocketSam.Datasets;

/// <summary>A format of data sets that is read.</summary>
internal abstract class DatasetFormat
{
    /// <summary>Pictures with more are refused whatever their data set states.</summary>
    protected const int MaxPixels = 500_000_000;

    /// <summary>All of them; the first that recognises a path reads it.</summary>
    public static IReadOnlyList<DatasetFormat> All { get; } =
        [new CocoSet(), new YoloSet(), new LabelMeSet(), new CvatSet(), new LabelStudioSet(), new MaskSet()];

    /// <summary>What it is asked for by.</summary>
    public abstract string Name { get; }

    /// <summary>Whether a file or folder is of this format, as far as its names and first bytes show.</summary>
    public abstract bool Recognises(string path);

    /// <summary>Reads a data set; what cannot be used is left out and told.</summary>
    /// <exception cref="IOException">The set cannot be read at all; the message names the file.</exception>
    public abstract IEnumerable<LabelledPicture> Read(DatasetReading set);

    /// <summary>Whether the path is a picture of the set itself; others of that extension are not (masks).</summary>
    public virtual bool IsPicture(string path) => true;

    /// <summary>The files with an extension in a folder and its folders, or the file itself if it has it.</summary>
    protected static IEnumerable<string> Files(string path, string extension)
    {
        IEnumerable<string> files = Directory.Exists(path)
            ? Directory.EnumerateFiles(path, "*" + extension, SearchOption.AllDirectories)
                .Where(file => !Path.GetFileName(file).StartsWith('.')).Order(StringComparer.Ordinal)
            : [path];
        return files.Where(file => Path.GetExtension(file) == extension);
    }

    /// <summary>Reads a file of JSON, with a mark of the byte order or without.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    protected static JsonDocument ReadJson(string file)
    {
        using FileStream stream = File.OpenRead(file);
        return JsonDocument.Parse(stream);
    }

    /// <summary>The same of a file without which the set cannot be read.</summary>
    /// <exception cref="DataFormatException">It is no JSON.</exception>
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

    /// <summary>A mask within a picture's size; null where it is empty.</summary>
    public static Annotation? Annotate(BinaryMask mask, string? label)
        => mask.Bounds.IsEmpty ? null : new Annotation(mask) { Label = label };

    /// <summary>A stated size, or the picture's own; null where neither is known.</summary>
    protected static (int Width, int Height)? Size(int? width, int? height, string? picture)
        => width is >= 1 and <= 65_535 && height is >= 1 and <= 65_535 && (long)width.Value * height.Value <= MaxPixels
            ? (width.Value, height.Value) : PictureIndex.SizeOf(picture);
}
