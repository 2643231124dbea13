namespace PocketSam.Cli.Sharding;

/// <summary>A part that grows picture by picture; what a run that was ended has measured is gone on with.</summary>
internal sealed class PartLog : IDisposable
{
    private readonly FileStream _stream;
    private int _count;

    /// <summary>Begins a part, or goes on with what is there of it.</summary>
    /// <exception cref="IOException">What is there is of another run, or being written, or it cannot be written.</exception>
    public PartLog(string folder, PartOf run)
    {
        OutputPath.CreateFolder(folder);
        string path = Part.FileOf(folder, run);
        if (File.Exists(path))
        {
            Part there = Part.Read(path);
            if (there.Run.DifferenceFrom(run) is { } difference)
                throw new IOException($"{path}: is of another run ({difference}); delete it, or give another folder");
            (Items, IsWhole) = (there.Items, there.IsWhole);
        }

        // Without the line that was cut short.
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

    /// <summary>What was there already.</summary>
    public IReadOnlyList<PartItem> Items { get; } = [];

    /// <summary>Whether that was all.</summary>
    public bool IsWhole { get; }

    /// <summary>Adds a picture.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Add(PartItem item)
    {
        _stream.Write(Part.Line(new PartLine(Item: item)));
        _stream.Flush();
        _count++;
    }

    /// <summary>Says that these are all.</summary>
    public void End()
    {
        _stream.Write(Part.Line(new PartLine(End: _count)));
        _stream.Flush(flushToDisk: true);
    }

    public void Dispose() => _stream.Dispose();
}
