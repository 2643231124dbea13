using PocketSam.Checkpoints;
using PocketSam.Checkpoints.Storage;
using PocketSam.Checkpoints.Torch;

namespace PocketSam;

/// <summary>Reads and writes checkpoints of all supported formats.</summary>
public static class CheckpointFile
{
    /// <summary>Bytes that suffice to distinguish the formats.</summary>
    private const int HeadLength = 512;

    /// <summary>Key prefixes of model wrappers: data parallelism, compilation, trainers.</summary>
    private static readonly string[] WrapperPrefixes = ["module.", "_orig_mod.", "model.", "sam.", "sam_model."];

    /// <summary>Signatures of files that are often mistaken for checkpoints.</summary>
    private static readonly (byte[] Head, int Place, string What)[] ForeignSignatures =
    [
        ("version https://git-lfs"u8.ToArray(), 0, "a pointer of Git LFS, not the file itself; fetch it with 'git lfs pull'"),
        ("<!DOCTYPE"u8.ToArray(), 0, "a web page, not a checkpoint; the download went wrong"),
        ("<!doctype"u8.ToArray(), 0, "a web page, not a checkpoint; the download went wrong"),
        ("<html"u8.ToArray(), 0, "a web page, not a checkpoint; the download went wrong"),
        ("GGUF"u8.ToArray(), 0, "a GGUF file, which is not supported"),
        ("HDF"u8.ToArray(), 1, "an HDF5 file, which is not supported"),
        ("TFL3"u8.ToArray(), 4, "a TensorFlow Lite file, which is not supported"),
        ("ustar"u8.ToArray(), 257, "a tar archive, as PyTorch wrote them before 2017; save it again with a newer one"),
        ([0x1F, 0x8B], 0, "compressed by gzip; unpack it first"),
    ];

    /// <summary>
    /// Opens a file of <c>torch.save</c> (zip or legacy) or a safetensors
    /// file, detected by content. Tensors are read on demand.
    /// </summary>
    /// <exception cref="CheckpointFormatException">The file is no valid checkpoint; the message says why.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Checkpoint Read(string path) => Checkpoint.Open(path, Read);

    /// <summary>Writes a file in the format of its extension under a temporary name, then renames it.</summary>
    /// <param name="path">Ends in <c>.safetensors</c>, <c>.pt</c> or <c>.pth</c>.</param>
    /// <param name="tensors">Tensors by key.</param>
    /// <param name="metadata">Strings by name.</param>
    /// <param name="progress">The fraction written, 0 to 1, after each tensor.</param>
    /// <param name="cancellation">Checked between tensors.</param>
    /// <exception cref="ArgumentException">The path has another extension.</exception>
    /// <exception cref="IOException">The file cannot be written; an
    /// existing file at the path stays as it was.</exception>
    public static void Write(
        string path, IEnumerable<KeyValuePair<string, StoredTensor>> tensors, IReadOnlyDictionary<string, string>? metadata = null,
        IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        switch (FormatOf(path))
        {
            case CheckpointFormat.Safetensors:
                Safetensors.Write(path, tensors, metadata, progress, cancellation);
                break;
            case CheckpointFormat.TorchZip:
                TorchFile.Write(path, tensors, metadata, progress, cancellation);
                break;
            default:
                throw new ArgumentException($"{path}: a checkpoint ends in .safetensors, .pt or .pth", nameof(path));
        }
    }

    /// <summary>
    /// Whether a tensor is a running statistic of batch norm, which stays in full precision: running variances can be
    /// far below the range of half precision.
    /// </summary>
    /// <param name="key">PyTorch's key.</param>
    public static bool IsRunningStatistic(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return key.EndsWith("running_mean", StringComparison.Ordinal) || key.EndsWith("running_var", StringComparison.Ordinal);
    }

    /// <summary>The format for the extension of a path, or null.</summary>
    public static CheckpointFormat? FormatOf(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".safetensors" => CheckpointFormat.Safetensors,
        ".pt" or ".pth" => CheckpointFormat.TorchZip,
        _ => null,
    };

    /// <summary>Reads a file of any format; the checkpoint owns the bytes.</summary>
    internal static Checkpoint Read(ByteSource file)
    {
        byte[] head = file.Read(0, (int)Math.Min(file.Length, HeadLength));
        if (head.Length == 0)
            throw new CheckpointFormatException(file.Name, "is empty");
        if (TorchFile.BeginsAsZip(head) || TorchFile.BeginsAsLegacy(head))
            return Unwrapped(TorchFile.Read(file));
        if (Safetensors.Begins(head))
            return Unwrapped(Safetensors.Read(file));
        foreach ((byte[] start, int place, string what) in ForeignSignatures)
        {
            if (head.Length > place && head.AsSpan(place).StartsWith(start))
                throw new CheckpointFormatException(file.Name, what);
        }

        if (head is [0x80, >= 2 and <= 5, ..])
            throw new CheckpointFormatException(file.Name, "a pickle, but not one that torch.save has written");
        if (head.AsSpan().IndexOf("pytorch"u8) is > 0 and < 16 || head.AsSpan().IndexOf("pocketsam"u8) is > 0 and < 16)
            throw new CheckpointFormatException(file.Name, "an ONNX file; 'pocketsam convert' writes its weights as a checkpoint");
        throw new CheckpointFormatException(file.Name, "neither a safetensors file nor one of torch.save");
    }

    /// <summary>Removes a wrapper's prefix that all keys share, and renames keys of other libraries to SAM's.</summary>
    private static Checkpoint Unwrapped(Checkpoint checkpoint)
    {
        int length = 0;
        while (Array.Find(WrapperPrefixes, p => checkpoint.Tensors.Count > 0 && checkpoint.Tensors.Keys.All(
            key => key.Length > length + p.Length && key.AsSpan(length).StartsWith(p))) is { } wrapper)
        {
            length += wrapper.Length;
        }

        if (length > 0)
        {
            checkpoint = checkpoint with
            {
                Prefix = checkpoint.Tensors.Keys.First()[..length],
                Tensors = checkpoint.Tensors.ToDictionary(t => t.Key[length..], t => t.Value),
            };
        }

        return !TransformersKeys.Are(checkpoint.Tensors.Keys) ? checkpoint : checkpoint with
        {
            KeysOf = TransformersKeys.Name,
            Tensors = TransformersKeys.Rename(checkpoint.Tensors),
        };
    }
}
