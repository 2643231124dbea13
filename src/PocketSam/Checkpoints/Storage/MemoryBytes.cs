namespace PocketSam.Checkpoints.Storage;

/// <summary>Bytes in memory.</summary>
internal sealed class MemoryBytes(ReadOnlyMemory<byte> bytes, string name) : ByteSource(name, bytes.Length)
{
    protected override void Fill(long offset, Span<byte> destination)
        => bytes.Span.Slice((int)offset, destination.Length).CopyTo(destination);
}
