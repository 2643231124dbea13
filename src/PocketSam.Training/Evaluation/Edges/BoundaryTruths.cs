namespace PocketSam.Training.Evaluation.Edges;

/// <summary>
/// Pictures whose boundaries people marked: a folder of BSDS500's MATLAB files (<c>groundTruth{i}.Boundaries</c>), or of PNG
/// maps in which boundaries are bright, <c>NAME.png</c> or one an annotator, <c>NAME_1.png</c>, <c>NAME_2.png</c> ...
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

    /// <summary>Pictures, by their names.</summary>
    public int Count => _entries.Count;

    /// <summary>Files that are read.</summary>
    public IEnumerable<string> Files => _entries.SelectMany(entry => entry.Files);

    /// <summary>Looks at what is in a folder; nothing is read yet.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="imagesFolder">The folder of the pictures; null for the same.</param>
    /// <exception cref="DataFormatException">There is no such folder, or nothing in it.</exception>
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

    /// <summary>The name of the picture of a place, without extension.</summary>
    internal string NameOf(int place) => _entries[place].Name;

    /// <summary>The picture of a place.</summary>
    /// <exception cref="DataFormatException">It is missing.</exception>
    internal string PictureOf(int place)
    {
        string name = NameOf(place);
        return PictureExtensions.Select(extension => System.IO.Path.Combine(_images, name + extension)).FirstOrDefault(File.Exists)
            ?? throw new DataFormatException(_images, $"no picture {name}.jpg of {_entries[place].Files[0]}");
    }

    /// <summary>Boundaries of a place, one map an annotator.</summary>
    /// <param name="place">The picture.</param>
    /// <param name="width">Its pixels in a row.</param>
    /// <param name="height">Its rows.</param>
    /// <param name="reader">Decodes PNG maps.</param>
    /// <exception cref="IOException">A file is damaged, or of another size.</exception>
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

    /// <summary>A file's name without the number of an annotator.</summary>
    private static string NameOf(string file)
    {
        string name = System.IO.Path.GetFileNameWithoutExtension(file);
        int cut = name.LastIndexOf('_');
        return cut > 0 && cut < name.Length - 1 && name.AsSpan(cut + 1).IndexOfAnyExceptInRange('0', '9') < 0 ? name[..cut] : name;
    }

    private static bool Is(string file, string extension) => file.EndsWith(extension, StringComparison.OrdinalIgnoreCase);

    /// <param name="Name">The picture's name, without extension.</param>
    /// <param name="Files">What annotators marked.</param>
    private sealed record Entry(string Name, IReadOnlyList<string> Files);
}
