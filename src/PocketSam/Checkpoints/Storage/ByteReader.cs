using System.Buffers.Binary;

namespace PocketSam.Checkpoints.Storage;

/// <summary>Reads a checkpoint's bytes sequentially.</summary>
/// <param name="source">The bytes.</param>
/// <param name="start">Offset of the first byte.</param>
/// <param name="end">Offset after the last byte.</param>
internal sealed class ByteReader(ByteSource source, long start, long end)
{
    private const int BufferLength = 1 << 14;

    private byte[] _buffer = new byte[(int)Math.Min(BufferLength, Math.Max(0, end - start))];
    private long _bufferStart = start;
    private int _buffered;

    /// <summary>Offset of the next byte in the source.</summary>
    public long Position { get; private set; } = start;

    public string Name => source.Name;

    public byte ReadByte() => Take(1)[0];

    public int ReadInt32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public long ReadInt64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    /// <summary>The next <paramref name="count"/> bytes, valid until the next call.</summary>
    /// <exception cref="CheckpointFormatException">Fewer bytes are left.</exception>
    public ReadOnlySpan<byte> Take(long count)
    {
        if (count < 0 || count > end - Position)
            throw new CheckpointFormatException(source.Name, $"cut short: {count} bytes wanted at byte {Position}");
        int offset = (int)(Position - _bufferStart);
        if (offset + count > _buffered)
        {
            if (count > _buffer.Length)
                _buffer = new byte[count];
            _buffered = (int)Math.Min(_buffer.Length, end - Position);
            source.Read(Position, _buffer.AsSpan(0, _buffered));
            _bufferStart = Position;
            offset = 0;
        }

        Position += count;
        return _buffer.AsSpan(offset, (int)count);
    }
}
