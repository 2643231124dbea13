using System.Buffers.Binary;
using System.Text.Json;
using PocketSam.Checkpoints.Storage;

namespace PocketSam;

/// <summary>
/// The safetensors format: eight bytes with the length of the header, a JSON header <c>{"name": {"dtype", "shape",
/// "data_offsets": [start, end]}, "__metadata__": {...}}</c>, then the bytes of all tensors.
/// </summary>
public static class Safetensors
{
    /// <summary>The format's limit for the header, in bytes.</summary>
    private const long MaxHeader = 100_000_000;

    /// <summary>PyTorch's limit for dimensions.</summary>
    private const int MaxRank = 64;

    private const string MetadataKey = "__metadata__";

    private static readonly (DataType Type, string Name)[] TypeNames =
    [
        (DataType.Float32, "F32"), (DataType.Float16, "F16"), (DataType.BFloat16, "BF16"), (DataType.Float64, "F64"),
        (DataType.UInt8, "U8"), (DataType.Int8, "I8"), (DataType.Int16, "I16"), (DataType.Int32, "I32"),
        (DataType.Int64, "I64"), (DataType.UInt16, "U16"), (DataType.UInt32, "U32"), (DataType.UInt64, "U64"),
        (DataType.Float8E4M3, "F8_E4M3"), (DataType.Float8E5M2, "F8_E5M2"), (DataType.Bool, "BOOL"),
    ];

    /// <summary>Opens a file; its tensors are read on demand.</summary>
    /// <exception cref="CheckpointFormatException">The file is not a valid safetensors file.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Checkpoint Read(string path) => Checkpoint.Open(path, Read);

    /// <summary>Reads a file in memory; tensors share its bytes.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="source">Its name, for messages.</param>
    /// <exception cref="CheckpointFormatException">The bytes are not a valid safetensors file.</exception>
    public static Checkpoint Parse(ReadOnlyMemory<byte> file, string source) => Read(new MemoryBytes(file, source));

    /// <summary>Whether the bytes are the start of a file in this format.</summary>
    internal static bool Begins(ReadOnlySpan<byte> head)
        => head.Length > 8 && BinaryPrimitives.ReadUInt64LittleEndian(head) <= MaxHeader && head[8] == '{';

    /// <summary>Reads the header; the checkpoint owns the bytes.</summary>
    internal static Checkpoint Read(ByteSource file)
    {
        string source = file.Name;
        if (file.Length < 8)
            throw new CheckpointFormatException(source, "not a safetensors file: shorter than its header");
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(file.Read(0, 8));
        if (length > MaxHeader || length > (ulong)(file.Length - 8))
            throw new CheckpointFormatException(source, $"not a safetensors file: a header of {length} bytes in {file.Length}");
        long begin = 8 + (long)length;
        var tensors = new Dictionary<string, StoredTensor>();
        var metadata = new Dictionary<string, string>();
        var ranges = new List<(long Start, long Length, string Name)>();
        try
        {
            using JsonDocument header = JsonDocument.Parse(file.Read(8, (int)length));
            foreach (JsonProperty entry in header.RootElement.EnumerateObject())
            {
                if (entry.Name == MetadataKey)
                {
                    foreach (JsonProperty pair in entry.Value.EnumerateObject())
                        metadata[pair.Name] = pair.Value.GetString() ?? "";
                }
                else
                {
                    StoredTensor tensor = ReadTensor(entry.Value, file, begin, entry.Name, out long start);
                    if (!tensors.TryAdd(entry.Name, tensor))
                        throw new CheckpointFormatException(source, $"tensor {entry.Name}: occurs twice");
                    ranges.Add((start, tensor.ByteLength, entry.Name));
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new CheckpointFormatException(source, $"broken safetensors header: {e.Message}", e);
        }

        RefuseGapsAndOverlaps(ranges, file.Length - begin, source);
        return QuantizedTensors.Join(new Checkpoint(source, tensors, metadata) { Format = CheckpointFormat.Safetensors, Bytes = file });
    }

    /// <summary>Writes a file under a temporary name, then renames it: completely or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tensors">Tensors by key.</param>
    /// <param name="metadata">Strings by name.</param>
    /// <param name="progress">The fraction written, 0 to 1, after each tensor.</param>
    /// <param name="cancellation">Checked between tensors.</param>
    /// <exception cref="IOException">The file cannot be written; an
    /// existing file at the path stays as it was.</exception>
    public static void Write(
        string path, IEnumerable<KeyValuePair<string, StoredTensor>> tensors, IReadOnlyDictionary<string, string>? metadata = null,
        IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        KeyValuePair<string, StoredTensor>[] wanted = [.. tensors], all = QuantizedTensors.Split(wanted);
        byte[] header = Header(all, metadata);
        AtomicFile.Write(path, stream =>
        {
            Span<byte> length = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
            stream.Write(length);
            stream.Write(header);
            for (int i = 0; i < all.Length; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                all[i].Value.CopyTo(stream);
                progress?.Report((i + 1.0) / all.Length);
            }

            WrittenCheckpoint.Require(stream, path, wanted, metadata, Read);
        });
    }

    /// <summary>The format requires every byte of the data to be in exactly one tensor.</summary>
    private static void RefuseGapsAndOverlaps(List<(long Start, long Length, string Name)> ranges, long length, string source)
    {
        ranges.Sort();
        long end = 0;
        foreach ((long start, long size, string name) in ranges)
        {
            if (start != end)
            {
                throw new CheckpointFormatException(
                    source, $"tensor {name}: begins at byte {start} where the tensors before it end at {end}");
            }

            end = start + size;
        }

        if (end != length)
        {
            string what = ranges.Count == 0 ? "no tensors" : $"tensor {ranges[^1].Name}: the last one";
            throw new CheckpointFormatException(source, $"{what}, but {length - end} more bytes");
        }
    }

    private static StoredTensor ReadTensor(
        JsonElement entry, ByteSource file, long begin, string name, out long offset)
    {
        string source = file.Name;
        long length = file.Length - begin;
        if (entry.ValueKind != JsonValueKind.Object || !entry.TryGetProperty("dtype", out JsonElement dtype)
            || !entry.TryGetProperty("shape", out JsonElement dimensions)
            || !entry.TryGetProperty("data_offsets", out JsonElement offsets) || offsets.GetArrayLength() != 2)
        {
            throw new CheckpointFormatException(source, $"tensor {name}: needs dtype, shape and data_offsets");
        }

        string? typeName = dtype.GetString();
        int type = Array.FindIndex(TypeNames, t => t.Name == typeName);
        if (type < 0)
            throw new CheckpointFormatException(source, $"tensor {name}: unknown type {typeName}");
        var shape = new List<int>();
        foreach (JsonElement dimension in dimensions.EnumerateArray())
        {
            shape.Add(dimension.GetInt32());
            if (shape[^1] < 0 || shape.Count > MaxRank)
                throw Impossible();
        }

        // A dimension of zero makes an empty tensor, however large the others are.
        long bytes = shape.Contains(0) ? 0 : StoredTensor.SizeOf(TypeNames[type].Type);
        foreach (int side in shape.Where(_ => bytes > 0))
        {
            if (bytes > length / side)
                throw Impossible();
            bytes *= side;
        }

        long start = offsets[0].GetInt64(), end = offsets[1].GetInt64();
        if (start < 0 || end < start || end > length)
            throw new CheckpointFormatException(source, $"tensor {name}: bytes {start} to {end} lie outside the file's {length}");
        if (end - start != bytes)
            throw new CheckpointFormatException(source, $"tensor {name}: {end - start} bytes for a shape that takes {bytes}");
        offset = start;
        return new StoredTensor(TypeNames[type].Type, shape, file, begin + start);

        CheckpointFormatException Impossible()
            => new(source, $"tensor {name}: impossible shape [{string.Join(", ", shape)}]");
    }

    private static byte[] Header(
        KeyValuePair<string, StoredTensor>[] tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject(MetadataKey);
                foreach ((string key, string value) in metadata)
                    json.WriteString(key, value);
                json.WriteEndObject();
            }

            long offset = 0;
            foreach ((string name, StoredTensor tensor) in tensors)
            {
                json.WriteStartObject(name);
                json.WriteString("dtype", Array.Find(TypeNames, t => t.Type == tensor.Type).Name);
                json.WriteStartArray("shape");
                foreach (int d in tensor.Shape)
                    json.WriteNumberValue(d);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += tensor.ByteLength);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        // Padded with spaces to a multiple of eight, so that tensors are aligned.
        while (stream.Length % 8 != 0)
            stream.WriteByte((byte)' ');
        return stream.ToArray();
    }
}
