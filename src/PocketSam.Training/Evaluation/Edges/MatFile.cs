using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace PocketSam.Training.Evaluation.Edges;

/// <summary>
/// Reads MATLAB files of version 5 (MathWorks, "MAT-File Format", level 5), compressed or not: numbers, logicals, cells
/// and structures. Every length is checked against the remaining bytes, and the total against <see cref="MaxBytes"/>.
/// </summary>
internal sealed class MatFile
{
    /// <summary>
    /// The most bytes that all elements of a file may have unpacked. BSDS500's files have a few million.
    /// </summary>
    private const int MaxBytes = 256 << 20;

    private const int HeaderBytes = 128;
    private const int MaxDepth = 8;
    private const int MaxArrays = 100_000;

    // Types of elements and classes of arrays, by their numbers in the format.
    private const int Matrix = 14, Compressed = 15;
    private const int CellClass = 1, StructClass = 2, FirstNumericClass = 6, LastNumericClass = 13;

    private readonly string _path;
    private bool _isBigEndian;
    private long _unpacked;
    private int _arrays;

    private MatFile(string path) => _path = path;

    /// <summary>Reads all variables.</summary>
    /// <exception cref="DataFormatException">The file is missing, not of version 5, or damaged.</exception>
    public static IReadOnlyList<MatArray> Read(string path)
    {
        byte[] bytes;
        try
        {
            if (new FileInfo(path).Length > MaxBytes)
                throw new DataFormatException(path, $"larger than {MaxBytes >> 20} MB");
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            throw new DataFormatException(path, "the file cannot be opened", e);
        }

        return new MatFile(path).ReadAll(bytes);
    }

    private List<MatArray> ReadAll(byte[] bytes)
    {
        if (bytes.Length < HeaderBytes)
            throw Damaged("shorter than a header");
        (byte first, byte second) = (bytes[126], bytes[127]);
        if ((first, second) is not (((byte)'I', (byte)'M') or ((byte)'M', (byte)'I')))
            throw new DataFormatException(_path, "no MATLAB file of version 5 (save it with -v6 or -v7)");
        _isBigEndian = first == (byte)'M';
        if (Unsigned16(bytes.AsSpan(124)) != 0x0100)
            throw new DataFormatException(_path, "no MATLAB file of version 5 (save it with -v6 or -v7)");
        List<MatArray> arrays = [];
        int position = HeaderBytes;
        while (position < bytes.Length)
            ReadTop(bytes, ref position, arrays);
        return arrays;
    }

    private void ReadTop(ReadOnlyMemory<byte> bytes, ref int position, List<MatArray> arrays)
    {
        (int kind, ReadOnlyMemory<byte> body) = Element(bytes, ref position, padded: false);
        if (kind == Compressed)
        {
            byte[] plain = Unpack(body);
            int inner = 0;
            (kind, body) = Element(plain, ref inner, padded: true);
        }

        if (kind == Matrix && ReadMatrix(body, 0) is { } array)
            arrays.Add(array);
    }

    private byte[] Unpack(ReadOnlyMemory<byte> packed)
    {
        try
        {
            using var source = new ZLibStream(new MemoryStream(packed.ToArray()), CompressionMode.Decompress);
            using var target = new MemoryStream();
            byte[] buffer = new byte[1 << 16];
            for (int count; (count = source.Read(buffer)) > 0;)
            {
                _unpacked += count;
                if (_unpacked > MaxBytes)
                    throw Damaged($"more than {MaxBytes >> 20} MB unpacked");
                target.Write(buffer, 0, count);
            }

            return target.ToArray();
        }
        catch (InvalidDataException e)
        {
            throw new DataFormatException(_path, "damaged: a compressed element cannot be unpacked", e);
        }
    }

    /// <summary>Reads an array; null for classes without numbers, such as text or functions.</summary>
    private MatArray? ReadMatrix(ReadOnlyMemory<byte> bytes, int depth)
    {
        if (bytes.IsEmpty)
            return new MatArray("", [0, 0]) { Values = [] };
        if (depth > MaxDepth)
            throw Damaged($"arrays in arrays, more than {MaxDepth} deep");
        if (++_arrays > MaxArrays)
            throw Damaged($"more than {MaxArrays} arrays");
        int position = 0;
        ReadOnlySpan<byte> flags = Element(bytes, ref position).Body.Span;
        if (flags.Length < 4)
            throw Damaged("an array without flags");
        int kind = (int)(Unsigned32(flags) & 0xff);
        int[] size = ReadSize(Element(bytes, ref position).Body.Span);
        string name = Encoding.ASCII.GetString(Element(bytes, ref position).Body.Span);
        long count = 1;
        foreach (int side in size)
            count = Math.Min(count * side, int.MaxValue);
        switch (kind)
        {
            case CellClass:
                return new MatArray(name, size) { Cells = ReadMatrices(bytes, ref position, count, depth) };
            case StructClass:
                return new MatArray(name, size) { Fields = ReadFields(bytes, ref position, count, depth) };
            case >= FirstNumericClass and <= LastNumericClass:
                (int stored, ReadOnlyMemory<byte> body) = Element(bytes, ref position);
                return new MatArray(name, size) { Values = ReadNumbers(stored, body.Span, count) };
            default:
                return null;
        }
    }

    private int[] ReadSize(ReadOnlySpan<byte> body)
    {
        int[] size = new int[body.Length / 4];
        for (int i = 0; i < size.Length; i++)
            size[i] = (int)Unsigned32(body[(i * 4)..]);
        return size.Length is >= 2 and <= 8 && size.All(side => side >= 0) ? size : throw Damaged("an array without a size");
    }

    private List<MatArray> ReadMatrices(ReadOnlyMemory<byte> bytes, ref int position, long count, int depth)
    {
        List<MatArray> arrays = [];
        for (long i = 0; i < count; i++)
        {
            (int kind, ReadOnlyMemory<byte> body) = Element(bytes, ref position);
            if (kind != Matrix)
                throw Damaged("a cell that is no array");
            arrays.Add(ReadMatrix(body, depth + 1) ?? new MatArray("", [0, 0]));
        }

        return arrays;
    }

    private Dictionary<string, IReadOnlyList<MatArray>> ReadFields(ReadOnlyMemory<byte> bytes, ref int position, long count, int depth)
    {
        ReadOnlySpan<byte> length = Element(bytes, ref position).Body.Span;
        int nameBytes = length.Length >= 4 ? (int)Unsigned32(length) : 0;
        ReadOnlySpan<byte> names = Element(bytes, ref position).Body.Span;
        if (nameBytes is < 1 or > 1024)
            throw Damaged("a structure without names of fields");
        string[] fields = new string[names.Length / nameBytes];
        for (int i = 0; i < fields.Length; i++)
            fields[i] = Encoding.ASCII.GetString(names.Slice(i * nameBytes, nameBytes)).TrimEnd('\0');
        var values = fields.Distinct().ToDictionary(field => field, _ => new List<MatArray>());
        for (long element = 0; element < count && fields.Length > 0; element++)
        {
            List<MatArray> one = ReadMatrices(bytes, ref position, fields.Length, depth);
            for (int i = 0; i < fields.Length; i++)
                values[fields[i]].Add(one[i]);
        }

        return values.ToDictionary(pair => pair.Key, pair => (IReadOnlyList<MatArray>)pair.Value);
    }

    private double[] ReadNumbers(int kind, ReadOnlySpan<byte> body, long count)
    {
        int bytes = kind switch { 1 or 2 => 1, 3 or 4 => 2, 5 or 6 or 7 => 4, 9 or 12 or 13 => 8, _ => throw Damaged($"numbers of the kind {kind}") };
        if (body.Length / bytes < count)
            throw Damaged("an array shorter than its size");
        double[] values = new double[count];
        for (int i = 0; i < values.Length; i++)
        {
            ReadOnlySpan<byte> at = body[(i * bytes)..];
            values[i] = kind switch
            {
                1 => (sbyte)at[0],
                2 => at[0],
                3 => (short)Unsigned16(at),
                4 => Unsigned16(at),
                5 => (int)Unsigned32(at),
                6 => Unsigned32(at),
                7 => BitConverter.UInt32BitsToSingle(Unsigned32(at)),
                9 => BitConverter.UInt64BitsToDouble(Unsigned64(at)),
                12 => (long)Unsigned64(at),
                _ => Unsigned64(at),
            };
        }

        return values;
    }

    /// <summary>Reads an element and its type. Four bytes or fewer may be stored within the tag.</summary>
    private TaggedBytes Element(ReadOnlyMemory<byte> bytes, ref int position, bool padded = true)
    {
        if (bytes.Length - position < 8)
            throw Damaged("cut off");
        uint tag = Unsigned32(bytes.Span[position..]);
        if (tag >> 16 != 0)
        {
            int small = (int)(tag >> 16);
            if (small > 4)
                throw Damaged("a short element of more than four bytes");
            var inside = new TaggedBytes((int)(tag & 0xffff), bytes.Slice(position + 4, small));
            position += 8;
            return inside;
        }

        uint length = Unsigned32(bytes.Span[(position + 4)..]);
        if (length > bytes.Length - position - 8)
            throw Damaged("cut off");
        var element = new TaggedBytes((int)tag, bytes.Slice(position + 8, (int)length));
        bool isPadded = padded || tag != Compressed;
        position = Math.Min(bytes.Length, position + 8 + (isPadded ? ((int)length + 7) & ~7 : (int)length));
        return element;
    }

    private ushort Unsigned16(ReadOnlySpan<byte> bytes)
        => _isBigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    private uint Unsigned32(ReadOnlySpan<byte> bytes)
        => _isBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    private ulong Unsigned64(ReadOnlySpan<byte> bytes)
        => _isBigEndian ? BinaryPrimitives.ReadUInt64BigEndian(bytes) : BinaryPrimitives.ReadUInt64LittleEndian(bytes);

    private DataFormatException Damaged(string how) => new(_path, $"damaged MATLAB file: {how}");

    /// <param name="Kind">The type of the element.</param>
    /// <param name="Body">The bytes.</param>
    private readonly record struct TaggedBytes(int Kind, ReadOnlyMemory<byte> Body);
}
