using PocketSam.Checkpoints.Storage;

namespace PocketSam;

/// <summary>
/// The content of a checkpoint file: named tensors and strings. Tensors are read from the file on demand, so the file
/// stays open until the checkpoint is disposed of; copies by <c>with</c> share the file.
/// </summary>
/// <param name="Source">Its origin, for messages: a path or a name.</param>
/// <param name="Tensors">Tensors by state-dict key, in the order of the file.</param>
/// <param name="Metadata">Strings by name.</param>
public sealed record Checkpoint(
    string Source, IReadOnlyDictionary<string, StoredTensor> Tensors, IReadOnlyDictionary<string, string> Metadata)
    : IDisposable
{
    /// <summary>The file format.</summary>
    public CheckpointFormat Format { get; init; }

    /// <summary>
    /// The path of keys to a nested state dict, joined by dots, for
    /// instance <c>model</c>; empty if the file is the state dict.
    /// </summary>
    public string Container { get; init; } = "";

    /// <summary>The prefix that was removed from all keys, for instance <c>module.</c>; usually empty.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>The library whose keys were renamed to SAM's; null if none were.</summary>
    public string? KeysOf { get; init; }

    /// <summary>The simulated quantisation of its layers; null if there is none.</summary>
    public SimulatedQuantization? Simulated { get; init; }

    /// <summary>Bytes of the file; 0 for a checkpoint made in memory.</summary>
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

    /// <summary>Closes the file; its tensors cannot be read afterwards.</summary>
    public void Dispose() => Bytes?.Dispose();
}
