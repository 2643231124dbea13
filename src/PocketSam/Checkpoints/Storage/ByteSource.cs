namespace PocketSam.Checkpoints.Storage;

/// <summary>The bytes of a checkpoint, in memory or in an open file; safe for concurrent reads.</summary>
/// <param name="name">Their origin, for messages.</param>
/// <param name="length">Number of bytes.</param>
internal abstract class ByteSource(string name, long length) : IDisposable
{
    public string Name { get; } = name;

    public long Length { get; } = length;

    /// <summary>Fills <paramref name="destination"/> with the bytes from <paramref name="offset"/> on.</summary>
    /// <exception cref="CheckpointFormatException">The range exceeds the source.</exception>
    public void Read(long offset, Span<byte> destination)
    {
        if (offset < 0 || offset > Length - destination.Length)
            throw new CheckpointFormatException(Name, $"cut short: wants bytes up to {offset + destination.Length} of {Length}");
        Fill(offset, destination);
    }

    /// <summary>The <paramref name="count"/> bytes from <paramref name="offset"/> on, as an array.</summary>
    public byte[] Read(long offset, int count)
    {
        byte[] bytes = new byte[count];
        Read(offset, bytes);
        return bytes;
    }

    public virtual void Dispose()
    {
    }

    protected abstract void Fill(long offset, Span<byte> destination);
}
