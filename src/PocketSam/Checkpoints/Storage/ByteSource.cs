namespace PocketSam.Checkpoints.Storage;

/// <summary>The bytes of a checkpoint, in memory or in an open file; any number of threads may read.</summary>
/// <param name="name">Where they come from, for messages.</param>
/// <param name="length">How many there are.</param>
internal abstract class ByteSource(string name, long length) : IDisposable
{
    public string Name { get; } = name;

    public long Length { get; } = length;

    /// <summary>Fills <paramref name="destination"/> with the bytes from <paramref name="offset"/> on.</summary>
    /// <exception cref="CheckpointFormatException">They are not all there.</exception>
    public void Read(long offset, Span<byte> destination)
    {
        if (offset < 0 || offset > Length - destination.Length)
            throw new CheckpointFormatException(Name, $"cut short: wants bytes up to {offset + destination.Length} of {Length}");
        Fill(offset, destination);
    }

    /// <summary>A few bytes as an array.</summary>
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
