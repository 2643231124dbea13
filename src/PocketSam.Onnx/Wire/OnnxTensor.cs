using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace PocketSam.Onnx.Wire;

/// <summary>A stored tensor of a graph (TensorProto of onnx.proto3): a weight or a constant.</summary>
internal sealed record OnnxTensor
{
    private const int Dimensions = 1, Type = 2, FloatData = 4, Int32Data = 5, Int64Data = 7, NameField = 8, RawData = 9,
        DoubleData = 10, ExternalData = 13, DataLocation = 14;

    public string Name { get; init; } = "";

    /// <summary>Sizes; empty for a scalar.</summary>
    public IReadOnlyList<long> Shape { get; init; } = [];

    public OnnxType ElementType { get; init; }

    /// <summary>Length in bytes of all elements.</summary>
    public long ByteLength { get; init; }

    /// <summary>
    /// Returns the bytes of all elements, little-endian; null for an element type that is not supported or for a tensor
    /// whose bytes are in <see cref="External"/>.
    /// </summary>
    public Func<byte[]>? Values { get; init; }

    /// <summary>External data file that holds the bytes: its name, and the offset of the first byte.</summary>
    public (string Location, long Offset)? External { get; init; }

    /// <summary>Number of elements.</summary>
    public long Count => Shape.Aggregate(1L, (product, size) => product * size);

    public static OnnxTensor Of(string name, IReadOnlyList<long> shape, ReadOnlySpan<float> values)
        => Of(name, OnnxType.Float, shape, MemoryMarshal.AsBytes(values).ToArray());

    public static OnnxTensor Of(string name, IReadOnlyList<long> shape, ReadOnlySpan<int> values)
        => Of(name, OnnxType.Int32, shape, MemoryMarshal.AsBytes(values).ToArray());

    public static OnnxTensor Of(string name, IReadOnlyList<long> shape, ReadOnlySpan<long> values)
        => Of(name, OnnxType.Int64, shape, MemoryMarshal.AsBytes(values).ToArray());

    public static OnnxTensor Of(string name, OnnxType type, IReadOnlyList<long> shape, byte[] bytes)
        => new() { Name = name, Shape = shape, ElementType = type, ByteLength = bytes.Length, Values = () => bytes };

    /// <summary>Bytes of an element; 0 for types that are not supported.</summary>
    public static int SizeOf(OnnxType type) => type switch
    {
        OnnxType.Float or OnnxType.Int32 => 4,
        OnnxType.UInt8 or OnnxType.Int8 => 1,
        OnnxType.Float16 or OnnxType.BFloat16 => 2,
        OnnxType.Int64 or OnnxType.Double => 8,
        _ => 0,
    };

    public WireWriter ToWire()
    {
        var writer = new WireWriter();
        writer.Packed(Dimensions, Shape);
        writer.Int64(Type, (long)ElementType);
        writer.String(NameField, Name);
        if (External is var (location, offset))
        {
            WriteEntry("location", location);
            WriteEntry("offset", Invariant(offset));
            WriteEntry("length", Invariant(ByteLength));
            writer.Int64(DataLocation, 1);
        }
        else
        {
            writer.Bytes(RawData, ByteLength, stream => stream.Write(Values!()));
        }

        return writer;

        void WriteEntry(string key, string value)
        {
            var entry = new WireWriter();
            entry.String(1, key);
            entry.String(2, value);
            writer.Message(ExternalData, entry);
        }

        static string Invariant(long value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Reads a tensor, in whichever field its values are stored.</summary>
    /// <param name="bytes">The message.</param>
    /// <param name="file">The file, for errors and for finding external data.</param>
    /// <exception cref="OnnxFormatException">
    /// The message is malformed, or the number of values does not match the shape.
    /// </exception>
    public static OnnxTensor Read(ReadOnlyMemory<byte> bytes, string file)
    {
        List<long> shape = [], int32 = [], int64 = [];
        List<float> floats = [];
        var external = new Dictionary<string, string>();
        ReadOnlyMemory<byte>? raw = null;
        List<ReadOnlyMemory<byte>> doubles = [];
        string name = "";
        long type = 0, location = 0;
        var reader = new WireReader(bytes, file);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case Dimensions:
                    reader.Int64s(shape);
                    break;
                case Type:
                    type = reader.Int64();
                    break;
                case FloatData:
                    reader.Floats(floats);
                    break;
                case Int32Data:
                    reader.Int64s(int32);
                    break;
                case Int64Data:
                    reader.Int64s(int64);
                    break;
                case NameField:
                    name = reader.String();
                    break;
                case RawData:
                    raw = reader.Bytes();
                    break;
                case DoubleData:
                    doubles.Add(reader.Bytes());
                    break;
                case ExternalData:
                    (string key, string value) = OnnxModel.ReadEntry(reader.Bytes(), file);
                    external[key] = value;
                    break;
                case DataLocation:
                    location = reader.Int64();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        var element = (OnnxType)type;
        int size = SizeOf(element);
        long count = 1;
        foreach (long d in shape)
        {
            if (d < 0 || (d > 0 && count > int.MaxValue * 8L / d))
                throw new OnnxFormatException(file, $"tensor {name}: size [{string.Join(", ", shape)}] is not possible");
            count *= d;
        }

        var tensor = new OnnxTensor { Name = name, Shape = shape, ElementType = element, ByteLength = count * size };
        if (size == 0)
            return tensor; // Graphs may contain types that are not supported, as long as nothing reads their values.
        if (location == 1)
            return tensor.Beside(external, file);
        byte[]? typed = raw is not null ? null
            : floats.Count > 0 ? MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(floats)).ToArray()
            : int64.Count > 0 ? MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(int64)).ToArray()
            : doubles.Count > 0 ? [.. doubles.SelectMany(part => part.ToArray())]
            : Narrow(int32, size);
        long found = raw?.Length ?? typed!.Length;
        if (found != tensor.ByteLength)
        {
            throw new OnnxFormatException(
                file, $"tensor {name}: has {found} bytes where [{string.Join(", ", shape)}] of {element} takes {tensor.ByteLength}");
        }

        return tensor with { Values = raw is { } there ? there.ToArray : () => typed! };
    }

    /// <summary>The values in single precision.</summary>
    /// <exception cref="OnnxFormatException">
    /// The element type is not a floating-point one, or is not supported.
    /// </exception>
    public float[] ToFloats(string file)
    {
        byte[] bytes = Values?.Invoke() ?? throw new OnnxFormatException(file, $"tensor {Name}: type {(int)ElementType} is not read");
        float[] result = new float[Count];
        switch (ElementType)
        {
            case OnnxType.Float:
                MemoryMarshal.Cast<byte, float>(bytes).CopyTo(result);
                break;
            case OnnxType.Float16:
                System.Numerics.Tensors.TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(bytes), result);
                break;
            case OnnxType.BFloat16:
                for (int i = 0; i < result.Length; i++)
                    result[i] = BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(2 * i)) << 16);
                break;
            case OnnxType.Double:
                for (int i = 0; i < result.Length; i++)
                    result[i] = (float)BinaryPrimitives.ReadDoubleLittleEndian(bytes.AsSpan(8 * i));
                break;
            default:
                throw new OnnxFormatException(file, $"tensor {Name}: {ElementType} holds no weights");
        }

        return result;
    }

    /// <summary>Converts values of <c>int32_data</c>, which holds small types one to an integer, to bytes.</summary>
    private static byte[] Narrow(List<long> values, int size)
    {
        byte[] bytes = new byte[values.Count * size];
        Span<byte> whole = stackalloc byte[sizeof(long)];
        for (int i = 0; i < values.Count; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(whole, values[i]);
            whole[..size].CopyTo(bytes.AsSpan(i * size));
        }

        return bytes;
    }

    /// <summary>
    /// Refers to values in an external data file. It must be in the folder of the graph's file or below it.
    /// </summary>
    private OnnxTensor Beside(Dictionary<string, string> entries, string file)
    {
        string location = entries.GetValueOrDefault("location", "");
        if (location.Length == 0 || Path.IsPathRooted(location) || location.Contains('\\', StringComparison.Ordinal)
            || location.Contains(':', StringComparison.Ordinal) || location.Split('/').Any(part => part is ".." or "" or "."))
        {
            throw new OnnxFormatException(file, $"tensor {Name}: its values would lie in '{location}', which is not beside the file");
        }

        if (!TryRead("offset", 0, out long offset) || !TryRead("length", ByteLength, out long length) || offset < 0 || length != ByteLength)
            throw new OnnxFormatException(file, $"tensor {Name}: its place in {location} is not possible");
        string path = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file))!, location);
        return this with { External = (location, offset), Values = () => ReadFile(path, offset, file) };

        bool TryRead(string key, long missing, out long value)
        {
            value = missing;
            return !entries.TryGetValue(key, out string? text) || long.TryParse(
                text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out value);
        }
    }

    private byte[] ReadFile(string path, long offset, string file)
    {
        if (!File.Exists(path))
            throw new OnnxFormatException(file, $"the values of its tensors lie in {Path.GetFileName(path)}, which is missing");
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        if (ByteLength > Array.MaxLength || stream.Length - offset < ByteLength)
            throw new OnnxFormatException(path, $"ends before the values of tensor {Name}");
        stream.Position = offset;
        byte[] bytes = new byte[ByteLength];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
