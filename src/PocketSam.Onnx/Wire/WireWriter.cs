using System.Buffers.Binary;
using System.Text;

namespace PocketSam.Onnx.Wire;

/// <summary>
/// Writes a protocol buffers message (protobuf.dev/programming-guides/encoding). A nested message follows its length,
/// so the message is kept as pieces; large values are produced only while the message is copied to a stream.
/// </summary>
internal sealed class WireWriter
{
    private readonly List<(long Length, Action<Stream> Write)> _pieces = [];
    private MemoryStream _open = new();

    /// <summary>Length in bytes of what has been written.</summary>
    public long Length { get; private set; }

    /// <summary>Writes an integer. Zero is the default and is omitted.</summary>
    public void Int64(int field, long value)
    {
        if (value == 0)
            return;
        Tag(field, WireType.Varint);
        Varint((ulong)value);
    }

    /// <summary>Writes a single-precision number, including zero.</summary>
    public void Float(int field, float value)
    {
        Tag(field, WireType.Fixed32);
        Span<byte> bytes = stackalloc byte[sizeof(float)];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        Raw(bytes);
    }

    /// <summary>Writes a string. An empty one is the default and is omitted.</summary>
    public void String(int field, string value)
    {
        if (value.Length > 0)
            Bytes(field, Encoding.UTF8.GetBytes(value));
    }

    /// <summary>Writes one element of a repeated string, even if empty.</summary>
    public void Element(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    /// <summary>Writes integers packed under one tag.</summary>
    public void Packed(int field, IReadOnlyList<long> values)
    {
        if (values.Count == 0)
            return;
        var inner = new WireWriter();
        foreach (long value in values)
            inner.Varint((ulong)value);
        Message(field, inner);
    }

    /// <summary>Writes bytes.</summary>
    public void Bytes(int field, ReadOnlySpan<byte> value)
    {
        Tag(field, WireType.LengthDelimited);
        Varint((ulong)value.Length);
        Raw(value);
    }

    /// <summary>Writes bytes that are produced when the message is copied to a stream.</summary>
    /// <param name="field">Number of the field.</param>
    /// <param name="length">Number of bytes.</param>
    /// <param name="write">Writes exactly that many bytes.</param>
    public void Bytes(int field, long length, Action<Stream> write)
    {
        Tag(field, WireType.LengthDelimited);
        Varint((ulong)length);
        Close();
        _pieces.Add((length, write));
        Length += length;
    }

    /// <summary>Writes a nested message.</summary>
    public void Message(int field, WireWriter message)
    {
        Tag(field, WireType.LengthDelimited);
        Varint((ulong)message.Length);
        Close();
        message.Close();
        _pieces.AddRange(message._pieces);
        Length += message.Length;
    }

    /// <summary>Copies the message to a stream.</summary>
    public void CopyTo(Stream stream, CancellationToken cancellation = default)
    {
        Close();
        foreach ((_, Action<Stream> write) in _pieces)
        {
            cancellation.ThrowIfCancellationRequested();
            write(stream);
        }
    }

    private void Tag(int field, WireType type) => Varint((ulong)field << 3 | (uint)type);

    private void Varint(ulong value)
    {
        Span<byte> bytes = stackalloc byte[10];
        int count = 0;
        for (; value >= 0x80; value >>= 7)
            bytes[count++] = (byte)(value | 0x80);
        bytes[count++] = (byte)value;
        Raw(bytes[..count]);
    }

    private void Raw(ReadOnlySpan<byte> bytes)
    {
        _open.Write(bytes);
        Length += bytes.Length;
    }

    private void Close()
    {
        if (_open.Length == 0)
            return;
        MemoryStream piece = _open;
        _pieces.Add((piece.Length, piece.WriteTo));
        _open = new MemoryStream();
    }
}
