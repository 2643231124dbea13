namespace PocketSam.Cli.Sharding;

/// <summary>A part file that is written picture by picture. An interrupted run is continued.</summary>
internal sealed class PartLog : IDisposable
{
    private readonly FileStream _stream;
    private int _count;

    /// <summary>Begins a part, or continues an existing one.</summary>
    /// <exception cref="IOException">The existing part is of another run or in use, or the file cannot be
    /// written.</exception>
    public PartLog(string folder, PartOf run)
    {
        OutputPath.CreateFolder(folder);
        string path = Part.FileOf(folder, run);
        if (File.Exists(path))
        {
            Part existing = Part.Read(path);
            if (existing.Run.DifferenceFrom(run) is { } difference)
                throw new IOException($"{path}: is of another run ({difference}); delete it, or give another folder");
            (Items, IsWhole) = (existing.Items, existing.IsWhole);
        }

        // Removes an incomplete last line.
        if (!IsWhole)
        {
            AtomicFile.Write(path, stream =>
            {
                stream.Write(Part.Line(new PartLine(Run: run)));
                foreach (PartItem item in Items)
                    stream.Write(Part.Line(new PartLine(Item: item)));
            });
        }

        _stream = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
        _count = Items.Count;
    }

    /// <summary>The pictures that are already done.</summary>
    public IReadOnlyList<PartItem> Items { get; } = [];

    /// <summary>Whether the existing part is complete.</summary>
    public bool IsWhole { get; }

    /// <summary>Adds the result of a picture.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Add(PartItem item)
    {
        _stream.Write(Part.Line(new PartLine(Item: item)));
        _stream.Flush();
        _count++;
    }

    /// <summary>Completes the part.</summary>
    public void End()
    {
        _stream.Write(Part.Line(new PartLine(End: _count)));
        _stream.Flush(flushToDisk: true);
    }

    public void Dispose() => _stream.Dispose();
}
