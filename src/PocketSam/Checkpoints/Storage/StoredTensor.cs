using System.Buffers;
using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using PocketSam.Checkpoints.Storage;

namespace PocketSam;

/// <summary>
/// A tensor of a checkpoint that is read on demand: its elements are in memory or in the checkpoint's file, row-major
/// or strided, and are converted while they are read.
/// </summary>
public sealed class StoredTensor
{
    /// <summary>Largest magnitude of a quantised element.</summary>
    private const int MaxStep = 127;

    /// <summary>Elements that are converted at a time: at most 64 KiB.</summary>
    private const int PieceLength = 1 << 13;

    /// <summary>Floats that are read at a time without conversion.</summary>
    private const int DirectLength = 1 << 24;

    /// <summary>Bytes of a strided tensor's storage that are read at a time.</summary>
    private const int WindowLength = 1 << 14;

    private readonly ByteSource _bytes;
    private readonly long _offset;
    private readonly long[]? _strides;
    private readonly bool _bigEndian;
    private readonly StoredTensor? _origin;
    private readonly float[]? _scales;

    /// <summary>Wraps little-endian, row-major bytes of the given shape and type.</summary>
    /// <exception cref="ArgumentException">The number of bytes does not fit shape and type.</exception>
    public StoredTensor(DataType type, IReadOnlyList<int> shape, ReadOnlyMemory<byte> data)
        : this(type, shape, new MemoryBytes(data, "memory"), 0)
    {
        if (ByteLength != data.Length)
            throw new ArgumentException($"{data.Length} bytes are not [{string.Join(", ", shape)}] of {type}", nameof(data));
    }

    /// <summary>A region of a checkpoint, which must contain all elements that shape and strides reach.</summary>
    /// <param name="type">Encoding of the elements.</param>
    /// <param name="shape">Dimensions.</param>
    /// <param name="bytes">The checkpoint.</param>
    /// <param name="offset">Offset of the first element, in bytes.</param>
    /// <param name="strides">Elements from one index to the next, by dimension; null for row-major order.</param>
    /// <param name="bigEndian">Whether elements are big-endian.</param>
    internal StoredTensor(
        DataType type, IReadOnlyList<int> shape, ByteSource bytes, long offset, IReadOnlyList<long>? strides = null,
        bool bigEndian = false)
    {
        long count = 1;
        foreach (int d in shape)
            count = checked(count * d);
        Type = type;
        Shape = shape;
        Count = count;
        _bytes = bytes;
        _offset = offset;
        _strides = strides is null || IsRowMajor(shape, strides) ? null : [.. strides];
        _bigEndian = bigEndian;
        if (_strides is not null && ByteLength > Array.MaxLength)
            throw new ArgumentException($"[{string.Join(", ", shape)}] of {type}: too large for a transposed or sliced tensor");
    }

    private StoredTensor(StoredTensor origin, DataType type)
    {
        Type = type;
        Shape = origin.Shape;
        Count = origin.Count;
        _bytes = origin._bytes;
        _origin = origin;
    }

    private StoredTensor(StoredTensor steps, float[] scales)
        : this(steps.Type, steps.Shape, steps._bytes, steps._offset, steps._strides, steps._bigEndian)
    {
        _scales = scales;
    }

    /// <summary>Encoding of the elements.</summary>
    public DataType Type { get; }

    /// <summary>
    /// The scales of a quantised tensor, one for each index of the first dimension: its bytes are integers from -127 to
    /// 127, and reading it as floats gives integers times scales. Null for every other tensor.
    /// </summary>
    public IReadOnlyList<float>? Scales => _scales;

    /// <summary>Dimensions; empty for a single value.</summary>
    public IReadOnlyList<int> Shape { get; }

    /// <summary>Number of elements.</summary>
    public long Count { get; }

    /// <summary>Bytes of all elements.</summary>
    public long ByteLength => checked(Count * SizeOf(Type));

    /// <summary>Whether the elements have a floating-point type or are quantised.</summary>
    public bool IsFloating => _scales is not null || Type is DataType.Float32 or DataType.Float16 or DataType.BFloat16 or DataType.Float64
        or DataType.Float8E4M3 or DataType.Float8E5M2;

    /// <summary>Whether parts can be read on their own; other tensors are read whole.</summary>
    private bool HasPieces => _strides is null && _origin is null or { HasPieces: true };

    /// <summary>Bytes of one element.</summary>
    public static int SizeOf(DataType type) => type switch
    {
        DataType.Float64 or DataType.Int64 or DataType.UInt64 => 8,
        DataType.Float32 or DataType.Int32 or DataType.UInt32 => 4,
        DataType.Float16 or DataType.BFloat16 or DataType.Int16 or DataType.UInt16 => 2,
        _ => 1,
    };

    /// <summary>Encodes floats in single or half precision.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The type is another.</exception>
    public static StoredTensor FromFloats(ReadOnlySpan<float> values, IReadOnlyList<int> shape, DataType type = DataType.Float32)
    {
        RequireWritable(type);
        byte[] bytes = new byte[values.Length * SizeOf(type)];
        Encode(values, bytes, type);
        return new StoredTensor(type, shape, bytes);
    }

    /// <summary>
    /// Quantises floats to 8-bit integers with a scale for each index of the first dimension: the largest magnitude of
    /// its values over <paramref name="greatest"/> (1 if all are zero). Rounds to nearest, halves to even.
    /// </summary>
    /// <param name="values">The values, finite, row-major.</param>
    /// <param name="shape">Dimensions, at least one, none of them zero.</param>
    /// <param name="greatest">Largest magnitude of the integers, 1 to 127.</param>
    /// <exception cref="ArgumentException">A value is not finite, the shape does not fit the values, or
    /// <paramref name="greatest"/> is out of range.</exception>
    public static StoredTensor Quantize(ReadOnlySpan<float> values, IReadOnlyList<int> shape, int greatest = MaxStep)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(greatest, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(greatest, MaxStep);
        if (shape is not [> 0, ..] || values.Length == 0 || shape.Aggregate(1L, (product, side) => product * side) != values.Length)
            throw new ArgumentException($"{values.Length} values are not [{string.Join(", ", shape)}]", nameof(shape));
        if (!TensorPrimitives.IsFiniteAll(values))
            throw new ArgumentException("a value is not finite", nameof(values));
        int rows = shape[0], length = values.Length / rows;
        sbyte[] steps = new sbyte[values.Length];
        float[] scales = new float[rows];
        for (int row = 0; row < rows; row++)
        {
            ReadOnlySpan<float> own = values.Slice(row * length, length);
            float largest = TensorPrimitives.MaxMagnitude(own), scale = Math.Abs(largest) / greatest;

            // The scale of magnitudes close to the smallest denormal rounds to zero.
            scales[row] = scale > 0 ? scale : 1;
            for (int i = 0; i < length; i++)
                steps[row * length + i] = (sbyte)Math.Clamp(MathF.Round(own[i] / scales[row]), -greatest, greatest);
        }

        return new StoredTensor(DataType.Int8, shape, MemoryMarshal.AsBytes(steps.AsSpan()).ToArray()).WithScales(scales);
    }

    /// <summary>A tensor of 8-bit integers as a quantised one.</summary>
    /// <param name="scales">One for each index of the first dimension, finite and positive.</param>
    internal StoredTensor WithScales(float[] scales)
    {
        if (Type != DataType.Int8 || Shape.Count == 0 || scales.Length != Shape[0])
            throw new ArgumentException($"{scales.Length} scales do not fit [{string.Join(", ", Shape)}] of {Type}", nameof(scales));
        return new StoredTensor(this, scales);
    }

    /// <summary>The integers of a quantised tensor, without their scales.</summary>
    internal sbyte[] ToSteps() => MemoryMarshal.Cast<byte, sbyte>(ToBytes().AsSpan()).ToArray();

    /// <summary>The same values in single or half precision, converted when they are read.</summary>
    /// <exception cref="InvalidOperationException">The elements have no floating-point type.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The type is neither.</exception>
    public StoredTensor ConvertTo(DataType type)
    {
        RequireWritable(type);
        if (!IsFloating)
            throw new InvalidOperationException($"{Type} is no floating type");
        return type == Type ? this : new StoredTensor(this, type);
    }

    /// <summary>Whether all finite elements stay finite in single or half precision.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The type is neither.</exception>
    public bool Fits(DataType type)
    {
        RequireWritable(type);
        // Halfway from the largest finite value to the next power of two.
        double limit = type == DataType.Float16 ? 65520 : Math.ScaleB(1, 128) - Math.ScaleB(1, 103);
        int size = SizeOf(Type), piece = HasPieces ? PieceLength : int.MaxValue;
        for (long first = 0; first < Count; first += piece)
        {
            using var raw = new Rented<byte>(checked((int)Math.Min(piece, Count - first) * size));
            ReadRaw(first, raw.Span);
            if (Type == DataType.Float64)
            {
                foreach (double v in MemoryMarshal.Cast<byte, double>(raw.Span))
                {
                    if (double.IsFinite(v) && Math.Abs(v) >= limit)
                        return false;
                }
            }
            else
            {
                using var values = new Rented<float>(raw.Span.Length / size);
                Decode(raw.Span, values.Span, Type);
                Scale(first, values.Span);
                foreach (float v in values.Span)
                {
                    if (float.IsFinite(v) && Math.Abs(v) >= limit)
                        return false;
                }
            }
        }

        return true;
    }

    /// <summary>The elements as floats, row-major, whatever their type.</summary>
    public float[] ToFloats()
    {
        float[] values = new float[Count];
        Read(values);
        return values;
    }

    /// <summary>Reads the elements as floats, row-major, whatever their type.</summary>
    /// <exception cref="ArgumentException">The destination's length is not <see cref="Count"/>.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="ObjectDisposedException">The checkpoint is disposed of.</exception>
    public void Read(Span<float> destination)
    {
        if (destination.Length != Count)
            throw new ArgumentException($"{destination.Length} floats for a tensor of {Count}", nameof(destination));
        int piece = !HasPieces ? int.MaxValue : Type == DataType.Float32 ? DirectLength : PieceLength;
        for (int first = 0; first < destination.Length; first += piece)
        {
            int length = Math.Min(piece, destination.Length - first);
            ReadFloats(first, destination.Slice(first, length));
            if (length < piece)
                break;
        }
    }

    /// <summary>The bytes of the elements, little-endian, row-major.</summary>
    public byte[] ToBytes()
    {
        byte[] bytes = new byte[ByteLength];
        ReadRaw(0, bytes);
        return bytes;
    }

    /// <summary>Writes the bytes of the elements, little-endian, row-major.</summary>
    public void CopyTo(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        int size = SizeOf(Type), piece = HasPieces ? PieceLength : int.MaxValue;
        for (long first = 0; first < Count; first += piece)
        {
            using var raw = new Rented<byte>(checked((int)Math.Min(piece, Count - first) * size));
            ReadRaw(first, raw.Span);
            stream.Write(raw.Span);
        }
    }

    private static void RequireWritable(DataType type)
    {
        if (type is not (DataType.Float32 or DataType.Float16))
            throw new ArgumentOutOfRangeException(nameof(type), type, "floats are stored as Float32 or Float16");
    }

    private static bool IsRowMajor(IReadOnlyList<int> shape, IReadOnlyList<long> strides)
    {
        long expected = 1;
        for (int i = shape.Count - 1; i >= 0; i--)
        {
            if (shape[i] == 0)
                return true;
            if (shape[i] != 1 && strides[i] != expected)
                return false;
            expected *= shape[i];
        }

        return true;
    }

    private static void Encode(ReadOnlySpan<float> values, Span<byte> bytes, DataType type)
    {
        if (type == DataType.Float32)
            MemoryMarshal.AsBytes(values).CopyTo(bytes);
        else
            TensorPrimitives.ConvertToHalf(values, MemoryMarshal.Cast<byte, Half>(bytes));
    }

    private static void Decode(ReadOnlySpan<byte> bytes, Span<float> values, DataType type)
    {
        switch (type)
        {
            case DataType.Float32:
                bytes.CopyTo(MemoryMarshal.AsBytes(values));
                break;
            case DataType.Float16:
                TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(bytes), values);
                break;
            case DataType.BFloat16:
                ReadOnlySpan<ushort> halves = MemoryMarshal.Cast<byte, ushort>(bytes);
                for (int i = 0; i < values.Length; i++)
                    values[i] = BitConverter.Int32BitsToSingle(halves[i] << 16);
                break;
            case DataType.Float64:
                TensorPrimitives.ConvertTruncating(MemoryMarshal.Cast<byte, double>(bytes), values);
                break;
            case DataType.Int64:
                TensorPrimitives.ConvertTruncating(MemoryMarshal.Cast<byte, long>(bytes), values);
                break;
            case DataType.Int32:
                TensorPrimitives.ConvertTruncating(MemoryMarshal.Cast<byte, int>(bytes), values);
                break;
            case DataType.Int16:
                TensorPrimitives.ConvertTruncating(MemoryMarshal.Cast<byte, short>(bytes), values);
                break;
            case DataType.UInt64:
                TensorPrimitives.ConvertTruncating(MemoryMarshal.Cast<byte, ulong>(bytes), values);
                break;
            case DataType.UInt32:
                TensorPrimitives.ConvertTruncating(MemoryMarshal.Cast<byte, uint>(bytes), values);
                break;
            case DataType.UInt16:
                TensorPrimitives.ConvertTruncating(MemoryMarshal.Cast<byte, ushort>(bytes), values);
                break;
            case DataType.Float8E4M3:
                for (int i = 0; i < values.Length; i++)
                    values[i] = Float8E4M3(bytes[i]);
                break;
            case DataType.Float8E5M2:
                for (int i = 0; i < values.Length; i++)
                    values[i] = (float)BitConverter.UInt16BitsToHalf((ushort)(bytes[i] << 8));
                break;
            case DataType.Int8:
                TensorPrimitives.ConvertTruncating(MemoryMarshal.Cast<byte, sbyte>(bytes), values);
                break;
            default:
                TensorPrimitives.ConvertTruncating(bytes, values);
                break;
        }
    }

    /// <summary>One bit of sign, four of exponent (bias 7), three of fraction; all ones is NaN.</summary>
    private static float Float8E4M3(byte bits)
    {
        int exponent = bits >> 3 & 15, fraction = bits & 7;
        float value = (bits & 0x7F) == 0x7F ? float.NaN
            : exponent == 0 ? MathF.ScaleB(fraction, -9) : MathF.ScaleB(8 + fraction, exponent - 10);
        return bits < 0x80 ? value : -value;
    }

    private static void ReverseBytes(Span<byte> elements, int size)
    {
        switch (size)
        {
            case 8:
                Span<ulong> eights = MemoryMarshal.Cast<byte, ulong>(elements);
                BinaryPrimitives.ReverseEndianness(eights, eights);
                break;
            case 4:
                Span<uint> fours = MemoryMarshal.Cast<byte, uint>(elements);
                BinaryPrimitives.ReverseEndianness(fours, fours);
                break;
            case 2:
                Span<ushort> twos = MemoryMarshal.Cast<byte, ushort>(elements);
                BinaryPrimitives.ReverseEndianness(twos, twos);
                break;
            default:
                break;
        }
    }

    private void ReadFloats(long first, Span<float> destination)
    {
        if (Type == DataType.Float32)
        {
            ReadRaw(first, MemoryMarshal.AsBytes(destination));
            return;
        }

        using var raw = new Rented<byte>(destination.Length * SizeOf(Type));
        ReadRaw(first, raw.Span);
        Decode(raw.Span, destination, Type);
        Scale(first, destination);
    }

    /// <summary>
    /// Multiplies the elements from index <paramref name="first"/> on by their scales, if the tensor is quantised.
    /// </summary>
    private void Scale(long first, Span<float> values)
    {
        if (_scales is null)
            return;
        long length = Count / _scales.Length;
        for (int done = 0; done < values.Length;)
        {
            long row = (first + done) / length;
            int count = (int)Math.Min(values.Length - done, (row + 1) * length - first - done);
            Span<float> own = values.Slice(done, count);
            TensorPrimitives.Multiply(own, _scales[row], own);
            done += count;
        }
    }

    /// <summary>
    /// Reads the elements from index <paramref name="first"/> on; all of them for a tensor without pieces.
    /// </summary>
    private void ReadRaw(long first, Span<byte> destination)
    {
        int size = SizeOf(Type);
        if (_origin is not null)
        {
            using var values = new Rented<float>(destination.Length / size);
            _origin.ReadFloats(first, values.Span);
            Encode(values.Span, destination, Type);
            return;
        }

        if (_strides is null)
            _bytes.Read(_offset + first * size, destination);
        else
            Gather(destination, _strides);
        if (_bigEndian)
            ReverseBytes(destination, size);
    }

    /// <summary>Reads the storage once, in ascending order, and copies each element to its row-major place.</summary>
    private void Gather(Span<byte> destination, long[] strides)
    {
        int size = SizeOf(Type), rank = Shape.Count;
        int[] places = new int[rank];
        for (int i = rank - 1, step = size; i >= 0; step *= Shape[i--])
            places[i] = step;
        int[] order = [.. Enumerable.Range(0, rank).OrderByDescending(i => strides[i]).ThenBy(i => i)];
        int[] index = new int[rank];
        byte[] window = new byte[WindowLength];
        long windowStart = 0, windowEnd = 0, from = _offset;
        int to = 0;
        for (long left = Count; left > 0; left--)
        {
            if (from < windowStart || from + size > windowEnd)
            {
                windowStart = from;
                windowEnd = Math.Min(_bytes.Length, from + WindowLength);
                _bytes.Read(from, window.AsSpan(0, Math.Max(size, (int)(windowEnd - from))));
            }

            window.AsSpan((int)(from - windowStart), size).CopyTo(destination[to..]);
            for (int i = rank - 1; i >= 0; i--)
            {
                int d = order[i];
                from += strides[d] * size;
                to += places[d];
                if (++index[d] < Shape[d])
                    break;
                from -= strides[d] * size * Shape[d];
                to -= places[d] * Shape[d];
                index[d] = 0;
            }
        }
    }

    /// <summary>A rented array.</summary>
    private readonly ref struct Rented<T>(int length) : IDisposable
    {
        private readonly T[] _array = ArrayPool<T>.Shared.Rent(length);

        public Span<T> Span => _array.AsSpan(0, length);

        public void Dispose() => ArrayPool<T>.Shared.Return(_array);
    }
}
