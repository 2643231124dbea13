using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace PocketSam.Checkpoints;

/// <summary>A tensor of a checkpoint: its bytes, little-endian and row-major, not yet converted.</summary>
public sealed class StoredTensor
{
    /// <summary>Wraps bytes; their number must be that of the shape and type.</summary>
    /// <exception cref="ArgumentException">The number of bytes is another.</exception>
    public StoredTensor(DataType type, IReadOnlyList<int> shape, ReadOnlyMemory<byte> data)
    {
        long count = 1;
        foreach (int d in shape)
            count = checked(count * d);
        if (count * SizeOf(type) != data.Length)
            throw new ArgumentException($"{data.Length} bytes are not [{string.Join(", ", shape)}] of {type}", nameof(data));
        Type = type;
        Shape = shape;
        Data = data;
        Count = count;
    }

    /// <summary>How elements are encoded.</summary>
    public DataType Type { get; }

    /// <summary>Dimensions; empty for a single value.</summary>
    public IReadOnlyList<int> Shape { get; }

    /// <summary>The bytes.</summary>
    public ReadOnlyMemory<byte> Data { get; }

    /// <summary>Number of elements.</summary>
    public long Count { get; }

    /// <summary>Bytes of one element.</summary>
    public static int SizeOf(DataType type) => type switch
    {
        DataType.Float64 or DataType.Int64 => 8,
        DataType.Float32 or DataType.Int32 => 4,
        DataType.Float16 or DataType.BFloat16 or DataType.Int16 => 2,
        _ => 1,
    };

    /// <summary>Stores floats as single or half precision.</summary>
    public static StoredTensor FromFloats(ReadOnlySpan<float> values, IReadOnlyList<int> shape, DataType type = DataType.Float32)
    {
        byte[] bytes = new byte[values.Length * SizeOf(type)];
        switch (type)
        {
            case DataType.Float32:
                MemoryMarshal.AsBytes(values).CopyTo(bytes);
                break;
            case DataType.Float16:
                for (int i = 0; i < values.Length; i++)
                    BinaryPrimitives.WriteHalfLittleEndian(bytes.AsSpan(2 * i), (Half)values[i]);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, "floats are stored as Float32 or Float16");
        }

        return new StoredTensor(type, shape, bytes);
    }

    /// <summary>The elements as floats, whatever their type.</summary>
    public float[] ToFloats()
    {
        ReadOnlySpan<byte> data = Data.Span;
        float[] values = new float[Count];
        if (Type == DataType.Float32)
        {
            data.CopyTo(MemoryMarshal.AsBytes(values.AsSpan()));
            return values;
        }

        int size = SizeOf(Type);
        for (int i = 0; i < values.Length; i++)
        {
            ReadOnlySpan<byte> element = data.Slice(i * size, size);
            values[i] = Type switch
            {
                DataType.Float16 => (float)BinaryPrimitives.ReadHalfLittleEndian(element),
                DataType.BFloat16 => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(element) << 16),
                DataType.Float64 => (float)BinaryPrimitives.ReadDoubleLittleEndian(element),
                DataType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(element),
                DataType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(element),
                DataType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(element),
                DataType.Int8 => (sbyte)element[0],
                _ => element[0],
            };
        }

        return values;
    }
}
