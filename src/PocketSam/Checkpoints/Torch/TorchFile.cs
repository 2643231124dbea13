using System.Buffers.Binary;
using System.Text;
using System.Text.RegularExpressions;
using PocketSam.Checkpoints.Storage;

namespace PocketSam.Checkpoints.Torch;

/// <summary>
/// The files of <c>torch.save</c>: a pickle that describes tensors, and their storages (torch/serialization.py). Since
/// PyTorch 1.6 these are entries of a zip archive; in the legacy format they follow one another.
/// </summary>
internal static partial class TorchFile
{
    private const string PickleName = "data.pkl";
    private const string ByteOrderName = "byteorder";

    /// <summary>Folder of the user's files in TorchScript; PyTorch's loader ignores them.</summary>
    private const string ExtraFolder = "extra/";

    private const int MaxExtra = 1 << 20;

    /// <summary>The integer at the start of the legacy format, 0x1950A86A20F9469CFC6C, as pickled.</summary>
    private static ReadOnlySpan<byte> LegacyMagic => [0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19];

    /// <summary>Most bytes before <see cref="LegacyMagic"/>: the protocol, and a frame in later protocols.</summary>
    private const int LongestLegacyHead = 11;

    /// <summary>Opens a file of either format; its tensors are read on demand.</summary>
    /// <exception cref="CheckpointFormatException">The file is no
    /// checkpoint of PyTorch, or its pickle is refused.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Checkpoint Read(string path) => Checkpoint.Open(path, Read);

    /// <summary>Writes a state dict as a zip archive under a temporary name, then renames it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tensors">Tensors by key.</param>
    /// <param name="metadata">Strings by name, in the folder that PyTorch ignores.</param>
    /// <param name="progress">The fraction written, 0 to 1, after each tensor.</param>
    /// <param name="cancellation">Checked between tensors.</param>
    /// <exception cref="IOException">The file cannot be written; an
    /// existing file at the path stays as it was.</exception>
    public static void Write(
        string path, IEnumerable<KeyValuePair<string, StoredTensor>> tensors, IReadOnlyDictionary<string, string>? metadata = null,
        IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        KeyValuePair<string, StoredTensor>[] wanted = [.. tensors], all = QuantizedTensors.Split(wanted);
        AtomicFile.Write(path, stream =>
        {
            const string Root = "archive/";
            var zip = new ZipWriter(stream);
            byte[] pickle = StateDictPickle.Of(all);
            zip.Add(Root + PickleName, pickle.Length, s => s.Write(pickle));
            zip.Add(Root + ByteOrderName, 6, s => s.Write("little"u8));
            for (int i = 0; i < all.Length; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                zip.Add($"{Root}data/{i}", all[i].Value.ByteLength, all[i].Value.CopyTo);
                progress?.Report((i + 1.0) / all.Length);
            }

            zip.Add(Root + "version", 2, s => s.Write("3\n"u8));
            foreach ((string name, string value) in metadata ?? new Dictionary<string, string>())
            {
                byte[] text = Encoding.UTF8.GetBytes(value);
                zip.Add(Root + ExtraFolder + name, text.Length, s => s.Write(text));
            }

            zip.Finish();
            WrittenCheckpoint.Require(stream, path, wanted, metadata, Read);
        });
    }

    /// <summary>Whether the bytes are the start of a zip archive.</summary>
    internal static bool BeginsAsZip(ReadOnlySpan<byte> head) => head.StartsWith("PK\x03\x04"u8);

    /// <summary>Whether the bytes are the start of a file in the legacy format.</summary>
    internal static bool BeginsAsLegacy(ReadOnlySpan<byte> head)
        => head.Length > 2 && head[0] == (byte)PickleOpcode.Proto
        && head[..Math.Min(head.Length, LongestLegacyHead + LegacyMagic.Length)].IndexOf(LegacyMagic) > 0;

    /// <summary>Reads everything except the tensors' elements; the checkpoint owns the bytes.</summary>
    internal static Checkpoint Read(ByteSource file)
    {
        byte[] head = file.Read(0, (int)Math.Min(file.Length, 64));
        return QuantizedTensors.Join(BeginsAsZip(head) ? ReadZip(file)
            : BeginsAsLegacy(head) ? ReadLegacy(file)
            : throw new CheckpointFormatException(file.Name, "not a checkpoint of PyTorch"));
    }

    private static Checkpoint ReadZip(ByteSource file)
    {
        ZipDirectory zip = ZipDirectory.Read(file);
        string root = zip.Names.FirstOrDefault(name => PickleEntry().IsMatch(name))?[..^PickleName.Length]
            ?? throw new CheckpointFormatException(file.Name, $"a zip archive, but not one of PyTorch: has no {PickleName}");
        bool isScript = zip.Contains(root + "constants.pkl");
        (long start, long length) = zip.Locate(root + PickleName);
        object? value = new PickleMachine(new ByteReader(file, start, start + length), new TorchVocabulary(isScript)).Run();
        bool bigEndian = zip.Contains(root + ByteOrderName) && zip.ReadText(root + ByteOrderName, MaxExtra) == "big";

        FoundStateDict found = !isScript ? StateDictFinder.Find(value, file.Name)
            : value is ScriptModule module ? new FoundStateDict("", module.Tensors())
            : throw new CheckpointFormatException(file.Name, "a TorchScript program, not a state dict");
        return Stored(found, file, bigEndian, name => zip.Locate($"{root}data/{name}")) with
        {
            Format = CheckpointFormat.TorchZip, Metadata = ReadExtra(zip, root + ExtraFolder),
        };
    }

    private static Checkpoint ReadLegacy(ByteSource file)
    {
        // Five pickles: the magic number, the version, the machine that wrote it, the object, the keys of its storages.
        var reader = new ByteReader(file, 0, file.Length);
        var vocabulary = new TorchVocabulary();
        object?[] parts = new object?[5];
        for (int i = 0; i < parts.Length; i++)
            parts[i] = new PickleMachine(reader, vocabulary).Run();
        if (parts[2] is not PickleDict machine || parts[4] is not List<object?> keys)
            throw new CheckpointFormatException(file.Name, "a broken file of PyTorch's older format");
        bool bigEndian = machine["little_endian"] is false;

        FoundStateDict found = StateDictFinder.Find(parts[3], file.Name);
        Dictionary<string, (long Start, long Length)> storages = LocateStorages(file, reader.Position, keys, bigEndian, vocabulary.Storages);
        return Stored(found, file, bigEndian, name => storages.TryGetValue(name, out var storage)
            ? storage : throw new RefusalException($"its storage {name} is not in the file")) with
        {
            Format = CheckpointFormat.TorchLegacy,
        };
    }

    /// <summary>
    /// Offset and length in bytes of the legacy format's storages:
    /// each is a count and the elements, in the order of the keys.
    /// </summary>
    private static Dictionary<string, (long Start, long Length)> LocateStorages(
        ByteSource file, long position, List<object?> keys, bool bigEndian, IReadOnlyDictionary<string, TorchStorage> known)
    {
        var storages = new Dictionary<string, (long Start, long Length)>();
        foreach (object? key in keys)
        {
            if (key is not string name || !known.TryGetValue(name, out TorchStorage? storage))
                throw new CheckpointFormatException(file.Name, "holds a storage that belongs to no tensor");
            if (storage.Type is not { } type)
                throw new CheckpointFormatException(file.Name, $"storage {name} has elements of {storage.TypeName}, which are not supported");
            byte[] head = file.Read(position, 8);
            long count = bigEndian ? BinaryPrimitives.ReadInt64BigEndian(head) : BinaryPrimitives.ReadInt64LittleEndian(head);
            if (count != storage.WholeCount)
            {
                throw new CheckpointFormatException(
                    file.Name, $"storage {name} has {count} elements where {storage.WholeCount} are announced");
            }

            position += 8;
            int size = StoredTensor.SizeOf(type);
            if (count > (file.Length - position) / size)
                throw new CheckpointFormatException(file.Name, $"cut short: storage {name} wants {count} elements at byte {position}");
            if (!storages.TryAdd(name, (position, count * size)))
                throw new CheckpointFormatException(file.Name, $"storage {name} occurs twice");
            position += count * size;
        }

        return storages;
    }

    private static Dictionary<string, string> ReadExtra(ZipDirectory zip, string folder)
    {
        var extra = new Dictionary<string, string>();
        long total = 0;
        foreach (string name in zip.Names.Where(name => name.StartsWith(folder, StringComparison.Ordinal)))
        {
            string text = zip.ReadText(name, MaxExtra);
            if ((total += text.Length) > MaxExtra)
                throw new CheckpointFormatException(zip.Source, $"more than {MaxExtra} bytes of text");
            extra[name[folder.Length..]] = text;
        }

        return extra;
    }

    /// <summary>The checkpoint of a state dict's tensors; parameters as for a single tensor.</summary>
    private static Checkpoint Stored(
        FoundStateDict found, ByteSource file, bool bigEndian, Func<string, (long Start, long Length)> locate)
    {
        var tensors = new Dictionary<string, StoredTensor>();
        foreach ((string key, TorchTensor tensor) in found.Tensors)
            tensors[key] = Stored(key, tensor, file, bigEndian, locate);
        var intervals = new Dictionary<string, StoredTensor>();
        foreach ((string key, object value) in found.Quantization?.Intervals ?? [])
        {
            intervals[key] = value is TorchTensor tensor
                ? Stored(key, tensor, file, bigEndian, locate) : StoredTensor.FromFloats([(float)(double)value], []);
        }

        return new Checkpoint(file.Name, tensors, new Dictionary<string, string>())
        {
            Container = found.Path,
            Bytes = file,
            Simulated = found.Quantization is not { } simulated ? null
                : new SimulatedQuantization(simulated.Layers, simulated.WeightBits, simulated.ActivationBits, intervals),
        };
    }

    /// <param name="key">The tensor's key, for messages.</param>
    /// <param name="tensor">Its description in the pickle.</param>
    /// <param name="file">The file.</param>
    /// <param name="bigEndian">Whether elements are big-endian.</param>
    /// <param name="locate">Offset and length in bytes of the storage with a name.</param>
    private static StoredTensor Stored(
        string key, TorchTensor tensor, ByteSource file, bool bigEndian, Func<string, (long Start, long Length)> locate)
    {
        try
        {
            return tensor.In(file, bigEndian, locate);
        }
        catch (Exception e) when (e is RefusalException or ArgumentException or OverflowException)
        {
            throw new CheckpointFormatException(file.Name, $"tensor {key}: {e.Message}", e);
        }
        catch (CheckpointFormatException e)
        {
            throw new CheckpointFormatException(file.Name, $"tensor {key}: {e.Reason}", e);
        }
    }

    [GeneratedRegex(@"^[^/]+/data\.pkl$")]
    private static partial Regex PickleEntry();
}
