namespace PocketSam.Datasets;

/// <summary>The state of reading a data set: its path, its classes, and what is left out and why.</summary>
/// <param name="path">The file or folder.</param>
/// <param name="images">Finds the set's pictures.</param>
/// <param name="prefersImages">
/// Whether the caller names the folder of pictures: pictures found there then take precedence over the paths in the
/// set.
/// </param>
/// <param name="classes">Names of classes that come first, in this order; the set's own follow.</param>
/// <param name="isClosed">
/// Whether the set is untrusted: its paths are then not followed to files outside of the folder of pictures.
/// </param>
internal sealed class DatasetReading(
    string path, PictureIndex images, bool prefersImages, IEnumerable<string> classes, bool isClosed = false)
{
    private readonly SortedDictionary<string, (int Count, string First)> _leftOut = new(StringComparer.Ordinal);
    private readonly List<string> _classes = [.. classes];
    private readonly List<string> _inputs = [];

    /// <summary>The file or folder.</summary>
    public string Path { get; } = path;

    /// <summary>Finds the set's pictures.</summary>
    public PictureIndex Images { get; } = images;

    /// <summary>Names of all classes: the given ones, then those of the set.</summary>
    public IReadOnlyList<string> Classes => _classes;

    /// <summary>Paths of the files that have been read.</summary>
    public IReadOnlyList<string> Inputs => _inputs;

    /// <summary>A message for each reason why something is left out.</summary>
    public IEnumerable<string> LeftOut
        => LeftOutReasons.Select(left => $"left out: {left.Count} {left.Reason}, the first: {left.First}");

    /// <summary>The reasons why something is left out, each with the number of cases and the first one.</summary>
    public IEnumerable<(string Reason, int Count, string First)> LeftOutReasons
        => _leftOut.Select(reason => (reason.Key, reason.Value.Count, reason.Value.First));

    /// <summary>Number of things left out.</summary>
    public int LeftOutCount => _leftOut.Values.Sum(reason => reason.Count);

    /// <summary>The path of a picture's file; null if it is not found.</summary>
    /// <param name="named">The path that the set gives.</param>
    /// <param name="name">The picture's name in the set.</param>
    public string? Find(string named, string name)
    {
        string? own = !isClosed && File.Exists(named) ? named : null;
        return prefersImages ? Images.Find(name) ?? own : own ?? Images.Find(name);
    }

    /// <summary>Records a file as read, and returns its path.</summary>
    public string Reads(string file)
    {
        _inputs.Add(file);
        return file;
    }

    /// <summary>Adds classes that are not yet known.</summary>
    public void AddClasses(IEnumerable<string> names)
    {
        foreach (string name in names)
        {
            if (!_classes.Contains(name))
                _classes.Add(name);
        }
    }

    /// <summary>Records something that is left out.</summary>
    /// <param name="reason">What it is, in the plural, as part of the message.</param>
    /// <param name="example">Where it is; the first one if there are several.</param>
    /// <param name="count">Number of cases.</param>
    public void LeaveOut(string reason, string example, int count = 1)
        => _leftOut[reason] = _leftOut.TryGetValue(reason, out (int Count, string First) known)
            ? (known.Count + count, known.First) : (count, example);
}
