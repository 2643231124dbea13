namespace PocketSam.Cli;

/// <summary>
/// The files that a command reads and writes, declared before any work is done. Ensures that no input is overwritten,
/// through whatever path or link, and that nothing is written twice.
/// </summary>
internal sealed class RunFiles
{
    private readonly Dictionary<FileIdentity, string> _inputs = [];
    private readonly Dictionary<FileIdentity, string> _outputs = [];
    private readonly HashSet<string> _names = new(
        OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);
    private bool _readsInput;

    /// <summary>Whether a result goes to standard output, so that nothing else may be written to it.</summary>
    public bool WritesOutput { get; private set; }

    /// <summary>Declares input files; null, missing and special files are ignored.</summary>
    /// <exception cref="IOException">One of the files is an output.</exception>
    public void Read(params IEnumerable<string?> paths)
    {
        foreach (string path in Named(paths))
        {
            if (path == StandardStreams.Name)
            {
                if (_readsInput)
                    throw new UsageException("standard input is one file: '-' is given twice");
                _readsInput = true;
                continue;
            }

            if (FileIdentity.Of(path) is not { Kind: FileKind.Plain } file)
                continue;
            if (_outputs.TryGetValue(file, out string? output))
                throw IsInput(output, path);
            _inputs.TryAdd(file, path);
        }
    }

    /// <summary>Declares the file of a model, if its name refers to one.</summary>
    /// <exception cref="IOException">The file is an output.</exception>
    public void ReadModel(string? name)
    {
        try
        {
            Read(name is null ? null : Sam.PathOf(name));
        }
        catch (FileNotFoundException)
        {
            // Loading the model reports the problem.
        }
    }

    /// <summary>Declares output files; null is ignored.</summary>
    /// <exception cref="IOException">One of the files is an input, or an output twice.</exception>
    public void Write(params IEnumerable<string?> paths)
    {
        foreach (string path in Named(paths))
        {
            if (path == StandardStreams.Name)
            {
                if (WritesOutput)
                    throw new UsageException("standard output takes one result: '-' is given twice");
                WritesOutput = true;
                continue;
            }

            FileIdentity? there = FileIdentity.Of(path);
            if (there is { Kind: FileKind.Plain } file && _inputs.TryGetValue(file, out string? input))
                throw IsInput(path, input);
            bool isNew = there switch
            {
                { Kind: FileKind.Plain } plain => _outputs.TryAdd(plain, path),
                { Kind: FileKind.Special } => true,
                _ => _names.Add(Path.GetFullPath(path)),
            };
            if (!isNew)
                throw new IOException($"{path}: cannot be written (two results would be in it)");
        }
    }

    private static IEnumerable<string> Named(IEnumerable<string?> paths)
        => paths.Where(path => !string.IsNullOrEmpty(path))!;

    private static IOException IsInput(string output, string input) => new(
        $"{output}: cannot be written (it is the input{(output == input ? "" : $" {input}")})");
}
