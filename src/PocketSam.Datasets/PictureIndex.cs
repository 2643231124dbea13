using PocketSam.Imaging;

namespace PocketSam.Datasets;

/// <summary>
/// The pictures of a folder by their names. Data sets name them from a folder of another machine, by an address, or without
/// an extension: the picture that is meant is the one whose path ends in most of the name's parts.
/// </summary>
internal sealed class PictureIndex
{
    private static readonly string[] Extensions = [".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".tif", ".tiff", ".bmp", ".gif"];

    private readonly Dictionary<string, List<string>> _byStem = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Those with spaces in their names, as servers that take them rename them.</summary>
    private readonly Lazy<Dictionary<string, List<string>>> _byPlainStem;

    /// <param name="folder">Looked through with its folders.</param>
    /// <param name="isPicture">Which files count, of those named as pictures; null for all.</param>
    /// <param name="extensions">How names of files end that are looked for in place of pictures, with the dot, in lower case.</param>
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

    /// <summary>Where it was looked.</summary>
    public string Folder { get; }

    /// <summary>The index of a folder without pictures, for a set that is written and names none.</summary>
    public static PictureIndex Empty(string folder) => new(folder, []);

    /// <summary>All pictures, in the order of their names.</summary>
    public IReadOnlyList<string> All { get; }

    /// <summary>
    /// What a set calls a picture: its name from the folder; of one that lies elsewhere or nowhere the set's own name, without
    /// folders where those lead out of any.
    /// </summary>
    /// <param name="path">The picture's file, or null.</param>
    /// <param name="name">The set's own name.</param>
    public string NameFor(string? path, string name)
    {
        if (path is not null && Path.GetFullPath(path).StartsWith(Folder + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            return NameOf(Path.GetFullPath(path));
        name = name.Replace('\\', '/');
        return name.StartsWith('/') || name.Contains(':') || name.Split('/').Contains("..") ? name[(name.LastIndexOf('/') + 1)..] : name;
    }

    /// <summary>The picture's name from the folder, with <c>/</c> between folders.</summary>
    public string NameOf(string path) => Path.GetRelativePath(Folder, path).Replace('\\', '/');

    /// <summary>The picture that is meant; null where there is none, or where several are meant alike.</summary>
    /// <param name="name">A name, with folders or without, apart by either slash.</param>
    /// <param name="anyExtension">Whether the name's extension is not the picture's.</param>
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

    /// <summary>The upright size of a picture; null where it cannot be read.</summary>
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

    /// <summary>A name as Label Studio and others keep it: with <c>_</c> for spaces.</summary>
    private static string Plain(string name) => name.Replace(' ', '_');

    private static int CommonEnd(string path, string[] parts)
    {
        string[] own = path.Replace('\\', '/').Split('/');
        int common = 1;
        while (common < parts.Length && common < own.Length && own[^(common + 1)] == parts[^(common + 1)])
            common++;

        // Of two that share as much, a path without more folders is nearer.
        return 1000 * common - own.Length;
    }
}
