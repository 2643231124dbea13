namespace PocketSam.Datasets;

/// <summary>A data set that is being read: where it lies, what was found, and what was left out and why.</summary>
/// <param name="path">The file or folder.</param>
/// <param name="images">Finds its pictures.</param>
/// <param name="isTold">Whether somebody said where the pictures lie: what is found there counts before what the set names.</param>
/// <param name="classes">Names of classes that come first, in their order; empty for those of the set.</param>
/// <param name="isClosed">Whether the set comes from somebody else, who does not say which files of this machine are looked at.</param>
internal sealed class DatasetReading(
    string path, PictureIndex images, bool isTold, IEnumerable<string> classes, bool isClosed = false)
{
    private readonly SortedDictionary<string, (int Count, string First)> _leftOut = new(StringComparer.Ordinal);
    private readonly List<string> _classes = [.. classes];
    private readonly List<string> _inputs = [];

    /// <summary>The file or folder.</summary>
    public string Path { get; } = path;

    /// <summary>Finds pictures.</summary>
    public PictureIndex Images { get; } = images;

    /// <summary>Names of all classes: those that come first, then those of the set.</summary>
    public IReadOnlyList<string> Classes => _classes;

    /// <summary>Files that were read.</summary>
    public IReadOnlyList<string> Inputs => _inputs;

    /// <summary>A line for each reason why something was left out.</summary>
    public IEnumerable<string> LeftOut
        => LeftOutReasons.Select(left => $"left out: {left.Count} {left.Reason}, the first: {left.First}");

    /// <summary>Why something was left out: how much, and the first of it.</summary>
    public IEnumerable<(string Reason, int Count, string First)> LeftOutReasons
        => _leftOut.Select(reason => (reason.Key, reason.Value.Count, reason.Value.First));

    /// <summary>How many things were left out.</summary>
    public int LeftOutCount => _leftOut.Values.Sum(reason => reason.Count);

    /// <summary>The picture's file; null where there is none.</summary>
    /// <param name="named">Where the set says that it lies.</param>
    /// <param name="name">What the set calls it.</param>
    public string? Find(string named, string name)
    {
        string? own = !isClosed && File.Exists(named) ? named : null;
        return isTold ? Images.Find(name) ?? own : own ?? Images.Find(name);
    }

    /// <summary>Notes a file that is read.</summary>
    public string Reads(string file)
    {
        _inputs.Add(file);
        return file;
    }

    /// <summary>Adds names of classes that are not there yet.</summary>
    public void AddClasses(IEnumerable<string> names)
    {
        foreach (string name in names)
        {
            if (!_classes.Contains(name))
                _classes.Add(name);
        }
    }

    /// <summary>Notes what is left out.</summary>
    /// <param name="reason">What it is, in the plural.</param>
    /// <param name="example">Where it stands, or the first of several.</param>
    /// <param name="count">How many there are.</param>
    public void LeaveOut(string reason, string example, int count = 1)
        => _leftOut[reason] = _leftOut.TryGetValue(reason, out (int Count, string First) known)
            ? (known.Count + count, known.First) : (count, example);
}
