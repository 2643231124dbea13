namespace PocketSam.Checkpoints.Storage;

/// <summary>The bytes of a seekable stream; for one thread. The stream stays open.</summary>
internal sealed class StreamBytes(Stream stream, string name) : ByteSource(name, stream.Length)
{
    protected override void Fill(long offset, Span<byte> destination)
    {
        stream.Position = offset;
        stream.ReadExactly(destination);
    }
}
