namespace PocketSam.Training.Evaluation.Edges;

/// <summary>
/// Pictures with annotated boundaries: a folder of BSDS500's MATLAB files (<c>groundTruth{i}.Boundaries</c>), or of PNG
/// maps with bright boundaries, either <c>NAME.png</c> or one per annotator, <c>NAME_1.png</c>, <c>NAME_2.png</c> ...
/// </summary>
public sealed class BoundaryTruths
{
    private static readonly string[] PictureExtensions = [".jpg", ".jpeg", ".png", ".webp", ".bmp"];

    private readonly IReadOnlyList<Entry> _entries;
    private readonly string _images;

    private BoundaryTruths(string path, string images, IReadOnlyList<Entry> entries)
        => (Path, _images, _entries) = (path, images, entries);

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>Number of pictures.</summary>
    public int Count => _entries.Count;

    /// <summary>The annotation files.</summary>
    public IEnumerable<string> Files => _entries.SelectMany(entry => entry.Files);

    /// <summary>Lists the annotations of a folder, without reading them.</summary>
    /// <param name="path">The folder of the annotations.</param>
    /// <param name="imagesFolder">The folder of the pictures; null for the same folder.</param>
    /// <exception cref="DataFormatException">The folder does not exist, or has no annotations.</exception>
    public static BoundaryTruths Load(string path, string? imagesFolder = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!Directory.Exists(path))
            throw new DataFormatException(path, "no folder of marked boundaries");
        string[] files = Directory.GetFiles(path);
        bool isMatlab = files.Any(file => Is(file, ".mat"));
        string images = imagesFolder ?? path;
        Entry[] entries =
        [
            .. files.Where(file => Is(file, isMatlab ? ".mat" : ".png")).Order(StringComparer.Ordinal)
                .GroupBy(file => isMatlab ? System.IO.Path.GetFileNameWithoutExtension(file) : NameOf(file))
                .Select(group => new Entry(group.Key, [.. group])),
        ];
        return entries.Length > 0 ? new BoundaryTruths(path, images, entries)
            : throw new DataFormatException(path, "holds neither MATLAB files (.mat) nor boundary maps (.png)");
    }

    /// <summary>The name of the picture of an index, without extension.</summary>
    internal string NameOf(int place) => _entries[place].Name;

    /// <summary>Path of the picture of an index.</summary>
    /// <exception cref="DataFormatException">The picture is missing.</exception>
    internal string PictureOf(int place)
    {
        string name = NameOf(place);
        return PictureExtensions.Select(extension => System.IO.Path.Combine(_images, name + extension)).FirstOrDefault(File.Exists)
            ?? throw new DataFormatException(_images, $"no picture {name}.jpg of {_entries[place].Files[0]}");
    }

    /// <summary>Reads the boundaries of the entry with an index, one map per annotator.</summary>
    /// <param name="place">The index.</param>
    /// <param name="width">Width of its picture, in pixels.</param>
    /// <param name="height">Height of its picture, in pixels.</param>
    /// <param name="reader">Decodes PNG maps.</param>
    /// <exception cref="IOException">A file is damaged, or has another size.</exception>
    internal IReadOnlyList<BinaryMask> Read(int place, int width, int height, PictureReader reader)
    {
        List<BinaryMask> maps = [];
        foreach (string file in _entries[place].Files)
        {
            if (Is(file, ".mat"))
                maps.AddRange(ReadMatlab(file));
            else
                maps.Add(FromPicture(reader(file)));
            if (maps.Find(map => map.Width != width || map.Height != height) is { } other)
                throw new DataFormatException(file, $"boundaries of {other.Width}x{other.Height} for a picture of {width}x{height}");
        }

        return maps.Count > 0 ? maps : throw new DataFormatException(_entries[place].Files[0], "no annotator marked anything");
    }

    private static IEnumerable<BinaryMask> ReadMatlab(string file)
    {
        MatArray truth = MatFile.Read(file).FirstOrDefault(array => array.Name == "groundTruth")
            ?? throw new DataFormatException(file, "no variable 'groundTruth'");
        if (truth.Cells is not { } cells)
            throw new DataFormatException(file, "'groundTruth' is no cell array");
        foreach (MatArray cell in cells)
        {
            if (cell.Fields?.GetValueOrDefault("Boundaries") is not [{ Values: { } values, Size: [> 0 and int rows, > 0 and int columns] }, ..])
                throw new DataFormatException(file, "a cell of 'groundTruth' has no matrix 'Boundaries'");
            var map = new BinaryMask(columns, rows);
            for (int i = 0; i < values.Length; i++)
            {
                if (values[i] != 0)
                    map[i / rows, i % rows] = true;
            }

            yield return map;
        }
    }

    private static BinaryMask FromPicture(RgbImage picture)
    {
        var map = new BinaryMask(picture.Width, picture.Height);
        for (int i = 0; i < picture.Width * picture.Height; i++)
        {
            if (picture.Pixels[3 * i] >= 128)
                map[i % picture.Width, i / picture.Width] = true;
        }

        return map;
    }

    /// <summary>The name of a file without the number of the annotator.</summary>
    private static string NameOf(string file)
    {
        string name = System.IO.Path.GetFileNameWithoutExtension(file);
        int cut = name.LastIndexOf('_');
        return cut > 0 && cut < name.Length - 1 && name.AsSpan(cut + 1).IndexOfAnyExceptInRange('0', '9') < 0 ? name[..cut] : name;
    }

    private static bool Is(string file, string extension) => file.EndsWith(extension, StringComparison.OrdinalIgnoreCase);

    /// <param name="Name">Name of the picture, without extension.</param>
    /// <param name="Files">Annotation files of the picture.</param>
    private sealed record Entry(string Name, IReadOnlyList<string> Files);
}
