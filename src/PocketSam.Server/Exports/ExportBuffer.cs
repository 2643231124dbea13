using System.Buffers;

namespace PocketSam.Server.Exports;

/// <summary>Buffers a file for a client: a worker thread writes bytes, then sending them frees their memory.</summary>
internal sealed class ExportBuffer(CancellationToken cancellation) : Stream
{
    private const int BlockBytes = 64 << 10;

    private readonly List<byte[]> _blocks = [];
    private int _inLast = BlockBytes;

    /// <summary>Number of bytes that wait to be sent.</summary>
    public long Waiting => (long)_blocks.Count * BlockBytes - (BlockBytes - _inLast);

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <exception cref="OperationCanceledException">The client has disconnected.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        cancellation.ThrowIfCancellationRequested();
        while (!buffer.IsEmpty)
        {
            if (_inLast == BlockBytes)
            {
                _blocks.Add(ArrayPool<byte>.Shared.Rent(BlockBytes));
                _inLast = 0;
            }

            int count = Math.Min(buffer.Length, BlockBytes - _inLast);
            buffer[..count].CopyTo(_blocks[^1].AsSpan(_inLast));
            _inLast += count;
            buffer = buffer[count..];
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <summary>Sends and frees the bytes written so far.</summary>
    public async Task SendAsync(Stream target)
    {
        for (int i = 0; i < _blocks.Count; i++)
        {
            int count = i == _blocks.Count - 1 ? _inLast : BlockBytes;
            await target.WriteAsync(_blocks[i].AsMemory(0, count), cancellation);
            ArrayPool<byte>.Shared.Return(_blocks[i]);
            _blocks[i] = [];
        }

        _blocks.Clear();
        _inLast = BlockBytes;
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
