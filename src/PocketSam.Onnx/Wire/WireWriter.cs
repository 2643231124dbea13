using System.Buffers.Binary;
using System.Text;

namespace PocketSam.Onnx.Wire;

/// <summary>
/// Writes a message of protocol buffers (protobuf.dev/programming-guides/encoding). A message inside another is written
/// after its length, so pieces are collected; large ones are made only when all is copied to a stream.
/// </summary>
internal sealed class WireWriter
{
    private readonly List<(long Length, Action<Stream> Write)> _pieces = [];
    private MemoryStream _open = new();

    /// <summary>Bytes written until now.</summary>
    public long Length { get; private set; }

    /// <summary>An integer; zero is the default and is not written.</summary>
    public void Int64(int field, long value)
    {
        if (value == 0)
            return;
        Tag(field, WireType.Varint);
        Varint((ulong)value);
    }

    /// <summary>A number of single precision, also zero.</summary>
    public void Float(int field, float value)
    {
        Tag(field, WireType.Fixed32);
        Span<byte> bytes = stackalloc byte[sizeof(float)];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        Raw(bytes);
    }

    /// <summary>A string; an empty one is the default and is not written.</summary>
    public void String(int field, string value)
    {
        if (value.Length > 0)
            Bytes(field, Encoding.UTF8.GetBytes(value));
    }

    /// <summary>An element of a repeated string, also an empty one.</summary>
    public void Element(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    /// <summary>Integers one after the other under one tag.</summary>
    public void Packed(int field, IReadOnlyList<long> values)
    {
        if (values.Count == 0)
            return;
        var inner = new WireWriter();
        foreach (long value in values)
            inner.Varint((ulong)value);
        Message(field, inner);
    }

    /// <summary>Bytes that are at hand.</summary>
    public void Bytes(int field, ReadOnlySpan<byte> value)
    {
        Tag(field, WireType.LengthDelimited);
        Varint((ulong)value.Length);
        Raw(value);
    }

    /// <summary>Bytes that are made when they are written.</summary>
    /// <param name="field">Number of the field.</param>
    /// <param name="length">How many they are.</param>
    /// <param name="write">Writes exactly as many.</param>
    public void Bytes(int field, long length, Action<Stream> write)
    {
        Tag(field, WireType.LengthDelimited);
        Varint((ulong)length);
        Close();
        _pieces.Add((length, write));
        Length += length;
    }

    /// <summary>A message inside of this one.</summary>
    public void Message(int field, WireWriter message)
    {
        Tag(field, WireType.LengthDelimited);
        Varint((ulong)message.Length);
        Close();
        message.Close();
        _pieces.AddRange(message._pieces);
        Length += message.Length;
    }

    /// <summary>Writes all.</summary>
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
