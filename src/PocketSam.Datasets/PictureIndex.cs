using PocketSam.Imaging;

namespace PocketSam.Datasets;

/// <summary>
/// Finds the pictures of a folder by name. Data sets may name a picture by a path of another machine, by an address, or
/// without its extension, so the match is the picture whose path ends in the most parts of the name.
/// </summary>
internal sealed class PictureIndex
{
    private static readonly string[] Extensions = [".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".tif", ".tiff", ".bmp", ".gif"];

    private readonly Dictionary<string, List<string>> _byStem = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Paths of names with spaces, by the name with underscores: servers that store pictures rename them so.
    /// </summary>
    private readonly Lazy<Dictionary<string, List<string>>> _byPlainStem;

    /// <param name="folder">The folder, searched with its subfolders.</param>
    /// <param name="isPicture">Selects among image files; null for all.</param>
    /// <param name="extensions">
    /// Extensions of the files to index instead of pictures, with the dot, in lower case; null for pictures.
    /// </param>
    public PictureIndex(string folder, Func<string, bool>? isPicture = null, IReadOnlyList<string>? extensions = null)
    {
        Folder = Path.GetFullPath(folder);
        extensions ??= Extensions;
        var all = Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories)
            .Where(path => extensions.Contains(Path.GetExtension(path).ToLowerInvariant()) && (isPicture is null || isPicture(path)))
            .Order(StringComparer.Ordinal).ToArray();
        All = all;
        foreach (string path in all)
        {
            string stem = Path.GetFileNameWithoutExtension(path);
            if (!_byStem.TryGetValue(stem, out List<string>? paths))
                _byStem[stem] = paths = [];
            paths.Add(path);
        }

        _byPlainStem = new(() => _byStem.Where(entry => entry.Key.Contains(' '))
            .GroupBy(entry => Plain(entry.Key), StringComparer.OrdinalIgnoreCase)
            .ToDictionary(same => same.Key, same => same.SelectMany(entry => entry.Value).ToList(), StringComparer.OrdinalIgnoreCase));
    }

    private PictureIndex(string folder, string[] all) => (Folder, All, _byPlainStem) = (folder, all, new(() => []));

    /// <summary>Full path of the folder.</summary>
    public string Folder { get; }

    /// <summary>An index without pictures, for a set that is being written.</summary>
    public static PictureIndex Empty(string folder) => new(folder, []);

    /// <summary>Full paths of all pictures, in ordinal order.</summary>
    public IReadOnlyList<string> All { get; }

    /// <summary>
    /// The name of a picture in a data set: its path relative to the folder. For a picture outside of the folder or not
    /// found it is the set's own name, without directories if those are absolute or lead upwards.
    /// </summary>
    /// <param name="path">Path of the picture's file; null if it is not found.</param>
    /// <param name="name">The picture's name in the set that was read.</param>
    public string NameFor(string? path, string name)
    {
        if (path is not null && Path.GetFullPath(path).StartsWith(Folder + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            return NameOf(Path.GetFullPath(path));
        name = name.Replace('\\', '/');
        return name.StartsWith('/') || name.Contains(':') || name.Split('/').Contains("..") ? name[(name.LastIndexOf('/') + 1)..] : name;
    }

    /// <summary>The path of a picture relative to the folder, with <c>/</c> as the separator.</summary>
    public string NameOf(string path) => Path.GetRelativePath(Folder, path).Replace('\\', '/');

    /// <summary>
    /// The path of the picture that a name refers to; null if there is none, or if several match equally well.
    /// </summary>
    /// <param name="name">A name, with or without directories, separated by either slash.</param>
    /// <param name="anyExtension">Whether to ignore extensions.</param>
    public string? Find(string name, bool anyExtension = false)
    {
        string[] parts = name.Replace('\\', '/').Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length == 0)
            return null;
        string stem = Path.GetFileNameWithoutExtension(parts[^1]);
        if (!_byStem.TryGetValue(stem, out List<string>? paths) && !_byPlainStem.Value.TryGetValue(stem, out paths))
            return null;
        var candidates = paths
            .Where(path => anyExtension || Path.GetFileName(path).Equals(parts[^1], StringComparison.OrdinalIgnoreCase)
                || Plain(Path.GetFileName(path)).Equals(parts[^1], StringComparison.OrdinalIgnoreCase))
            .Select(path => (Path: path, Score: CommonEnd(path, parts))).OrderByDescending(candidate => candidate.Score).ToArray();
        return candidates switch
        {
            [] => null,
            [var only] => only.Path,
            [var first, var second, ..] => first.Score > second.Score ? first.Path : null,
        };
    }

    /// <summary>The upright size of a picture in pixels; null if it cannot be read.</summary>
    public static (int Width, int Height)? SizeOf(string? path)
    {
        try
        {
            return path is null ? null : ImageFile.ReadSize(path);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>A name with <c>_</c> for spaces, as Label Studio and others store it.</summary>
    private static string Plain(string name) => name.Replace(' ', '_');

    private static int CommonEnd(string path, string[] parts)
    {
        string[] own = path.Replace('\\', '/').Split('/');
        int common = 1;
        while (common < parts.Length && common < own.Length && own[^(common + 1)] == parts[^(common + 1)])
            common++;

        // Of two paths that share as many parts, the one with fewer directories wins.
        return 1000 * common - own.Length;
    }
}
