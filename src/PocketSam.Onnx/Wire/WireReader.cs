using System.Buffers.Binary;
using System.Text;

namespace PocketSam.Onnx.Wire;

/// <summary>
/// Reads the fields of a protocol buffers message. It never reads past the given bytes, and each field takes at least
/// one byte, so reading ends whatever the bytes are.
/// </summary>
/// <param name="bytes">The message.</param>
/// <param name="file">The file, for errors.</param>
internal ref struct WireReader(ReadOnlyMemory<byte> bytes, string file)
{
    private readonly ReadOnlyMemory<byte> _bytes = bytes;
    private readonly ReadOnlySpan<byte> _span = bytes.Span;
    private int _at;

    /// <summary>Number of the current field.</summary>
    public int Field { get; private set; }

    private WireType _type;

    /// <summary>Advances to the next field; false at the end.</summary>
    /// <exception cref="OnnxFormatException">The bytes are not a message.</exception>
    public bool Next()
    {
        if (_at == _span.Length)
            return false;
        ulong tag = Varint();
        (Field, _type) = ((int)Math.Min(tag >> 3, int.MaxValue), (WireType)(tag & 7));
        if (Field == 0 || tag >> 3 > int.MaxValue || !Enum.IsDefined(_type))
            throw Broken($"no field begins at byte {_at} of a message");
        return true;
    }

    /// <summary>Skips the field's value.</summary>
    public void Skip()
    {
        switch (_type)
        {
            case WireType.Varint:
                Varint();
                break;
            case WireType.LengthDelimited:
                Bytes();
                break;
            default:
                Take(_type == WireType.Fixed32 ? sizeof(uint) : (ulong)sizeof(ulong));
                break;
        }
    }

    /// <summary>Reads an integer.</summary>
    public long Int64()
    {
        Require(WireType.Varint);
        return (long)Varint();
    }

    /// <summary>Reads a single-precision number.</summary>
    public float Float()
    {
        Require(WireType.Fixed32);
        return BinaryPrimitives.ReadSingleLittleEndian(Take(sizeof(float)).Span);
    }

    /// <summary>Reads a UTF-8 string.</summary>
    public string String() => Encoding.UTF8.GetString(Bytes().Span);

    /// <summary>Reads bytes, a string or a nested message, without copying.</summary>
    public ReadOnlyMemory<byte> Bytes()
    {
        Require(WireType.LengthDelimited);
        ulong length = Varint();
        return Take(length);
    }

    /// <summary>Reads one integer, or several packed ones, and adds them to a list.</summary>
    public void Int64s(List<long> values)
    {
        if (_type == WireType.Varint)
        {
            values.Add((long)Varint());
            return;
        }

        var inner = new WireReader(Bytes(), file);
        while (inner._at < inner._span.Length)
            values.Add((long)inner.Varint());
    }

    /// <summary>Reads one single-precision number, or several packed ones, and adds them to a list.</summary>
    public void Floats(List<float> values)
    {
        if (_type == WireType.Fixed32)
        {
            values.Add(Float());
            return;
        }

        ReadOnlySpan<byte> packed = Bytes().Span;
        if (packed.Length % sizeof(float) != 0)
            throw Broken($"{packed.Length} bytes are no numbers of single precision");
        for (int i = 0; i < packed.Length; i += sizeof(float))
            values.Add(BinaryPrimitives.ReadSingleLittleEndian(packed[i..]));
    }

    private void Require(WireType type)
    {
        if (_type != type)
            throw Broken($"field {Field} is encoded as {_type} where {type} is meant");
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            if (_at == _span.Length)
                throw Broken("ends in the middle of a number");
            byte next = _span[_at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }

        throw Broken("a number has more than ten bytes");
    }

    private ReadOnlyMemory<byte> Take(ulong length)
    {
        if (length > (ulong)(_span.Length - _at))
            throw Broken($"a field of {length} bytes goes beyond the message, of which {_span.Length - _at} are left");
        ReadOnlyMemory<byte> taken = _bytes.Slice(_at, (int)length);
        _at += (int)length;
        return taken;
    }

    private readonly OnnxFormatException Broken(string what) => new(file, what);
}
