using PocketSam.Checkpoints.Storage;

namespace PocketSam;

/// <summary>
/// What a checkpoint file holds: named tensors and a few strings. Tensors are read from the file when they are asked
/// for, so that it stays open until the checkpoint is disposed; copies by <c>with</c> share the file.
/// </summary>
/// <param name="Source">Where it came from, for messages: a path or a name.</param>
/// <param name="Tensors">Tensors by state-dict key, in the order of the file.</param>
/// <param name="Metadata">Strings by name.</param>
public sealed record Checkpoint(
    string Source, IReadOnlyDictionary<string, StoredTensor> Tensors, IReadOnlyDictionary<string, string> Metadata)
    : IDisposable
{
    /// <summary>How it is written down.</summary>
    public CheckpointFormat Format { get; init; }

    /// <summary>
    /// The keys that lead to the state dict where it is nested among other values, joined by dots, for instance
    /// <c>model</c>; empty where the file is the state dict.
    /// </summary>
    public string Container { get; init; } = "";

    /// <summary>What all keys of the file begin with and was taken off, for instance <c>module.</c>; mostly empty.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>The library whose keys were put to SAM's own; null where none were.</summary>
    public string? KeysOf { get; init; }

    /// <summary>What its layers round with in single precision, where they simulate quantisation; null where they do not.</summary>
    public SimulatedQuantization? Simulated { get; init; }

    /// <summary>Bytes of the file; 0 for what was never one.</summary>
    public long Length => Bytes?.Length ?? 0;

    /// <summary>The open file.</summary>
    internal ByteSource? Bytes { get; init; }

    /// <summary>Opens a file and keeps it open if it can be read.</summary>
    internal static Checkpoint Open(string path, Func<ByteSource, Checkpoint> read)
    {
        FileBytes file = FileBytes.Open(path);
        try
        {
            return read(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Closes the file: no tensor can be read any more.</summary>
    public void Dispose() => Bytes?.Dispose();
}
