namespace PocketSam.Masks.Coco;

/// <summary>
/// Locates the pictures of a data file: in a given folder, or beside the file in the usual layouts
/// (<c>annotations/instances_NAME.json</c> beside <c>NAME/</c>, <c>images/</c> or <c>images/NAME/</c>).
/// </summary>
internal sealed class PictureFolders
{
    private readonly string[] _folders;
    private int _last;

    /// <param name="data">The data file.</param>
    /// <param name="images">The given folder, or null.</param>
    public PictureFolders(string data, string? images)
    {
        string home = Path.GetDirectoryName(Path.GetFullPath(data))!, above = Path.GetDirectoryName(home) ?? home;
        string split = Path.GetFileNameWithoutExtension(data);
        split = split[(split.IndexOf('_') + 1)..];
        _folders = images is not null ? [Path.GetFullPath(images)]
            :
            [
                home, .. new[] { home, above }.SelectMany(root => (string[])
                [
                    Path.Combine(root, split), Path.Combine(root, "images"), Path.Combine(root, "images", split),
                    Path.Combine(root, "images", "default"), Path.Combine(root, "pictures"),
                ]),
            ];
    }

    /// <summary>The path of a picture; if it exists nowhere, its path in the first folder.</summary>
    /// <param name="name">Its name in the data; folders may be separated by backslashes.</param>
    public string Find(string name)
    {
        string plain = OperatingSystem.IsWindows() || name.Contains('/') || !name.Contains('\\') ? name : name.Replace('\\', '/');
        if (File.Exists(Path.Combine(_folders[_last], plain)))
            return Path.Combine(_folders[_last], plain);
        for (int i = 0; i < _folders.Length; i++)
        {
            string path = Path.Combine(_folders[i], plain);
            if (!File.Exists(path))
                continue;
            _last = i;
            return path;
        }

        return Elsewhere(plain) ?? Path.Combine(_folders[0], plain);
    }

    /// <summary>Looks for the end of an absolute path of another machine in the folders.</summary>
    private string? Elsewhere(string name)
    {
        bool isRooted = name.StartsWith('/') || (name.Length > 2 && name[1] == ':' && name[2] == '/');
        for (int cut = name.IndexOf('/'); isRooted && cut >= 0; cut = name.IndexOf('/', cut + 1))
        {
            string tail = name[(cut + 1)..];
            if (_folders.Select(folder => Path.Combine(folder, tail)).FirstOrDefault(path => tail.Length > 0 && File.Exists(path)) is { } path)
                return path;
        }

        return null;
    }
}
