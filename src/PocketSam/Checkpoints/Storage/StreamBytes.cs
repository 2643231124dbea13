namespace PocketSam.Checkpoints.Storage;

/// <summary>What was written to a stream that can go back, from its beginning; for one thread, and not closed.</summary>
internal sealed class StreamBytes(Stream stream, string name) : ByteSource(name, stream.Length)
{
    protected override void Fill(long offset, Span<byte> destination)
    {
        stream.Position = offset;
        stream.ReadExactly(destination);
    }
}
