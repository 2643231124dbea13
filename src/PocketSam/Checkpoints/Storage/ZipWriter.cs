using System.Buffers.Binary;
using System.Text;

namespace PocketSam.Checkpoints.Storage;

/// <summary>
/// Writes a zip archive in PyTorch's form: uncompressed entries,
/// their bytes aligned to 64, with zip64 sizes where necessary.
/// </summary>
/// <param name="stream">The target; it must be able to seek, since
/// the checksum of an entry is known only after its bytes.</param>
internal sealed class ZipWriter(Stream stream)
{
    private const int Alignment = 64;
    private const int LocalLength = 30;
    private const int ChecksumPlace = 14;

    /// <summary>The extra field that PyTorch pads with.</summary>
    private const ushort PaddingId = 0x4246;

    private const ushort LargeId = 1;

    /// <summary>Version 4.5 of the format, which has zip64 sizes.</summary>
    private const ushort Version = 45;

    private const ushort Utf8Flag = 1 << 11;

    /// <summary>1 January 1980, the first date of the format: files depend only on their content.</summary>
    private const uint Date = 0x0021_0000;

    private readonly List<(byte[] Name, uint Checksum, long Length, long Header)> _entries = [];

    /// <summary>Adds an entry of <paramref name="length"/> bytes, which <paramref name="write"/> writes.</summary>
    /// <exception cref="InvalidOperationException"><paramref name="write"/> writes another number of bytes.</exception>
    public void Add(string name, long length, Action<Stream> write)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(name);
        long header = stream.Position;
        bool large = length >= uint.MaxValue;
        int extra = large ? 20 : 0;
        long unpadded = header + LocalLength + utf8.Length + extra + 4;
        int padding = (int)((Alignment - unpadded % Alignment) % Alignment);

        byte[] local = new byte[LocalLength + utf8.Length + extra + 4 + padding];
        Span<byte> rest = Begin(local, 0x04034B50, Version, Utf8Flag, 0);
        rest = Put(rest, Date);
        rest = Put(rest, 0u);
        rest = Put(rest, large ? uint.MaxValue : (uint)length);
        rest = Put(rest, large ? uint.MaxValue : (uint)length);
        rest = Put(rest, (ushort)utf8.Length);
        rest = Put(rest, (ushort)(extra + 4 + padding));
        utf8.CopyTo(rest);
        rest = rest[utf8.Length..];
        if (large)
            rest = Put(Put(Put(Put(rest, LargeId), (ushort)16), (ulong)length), (ulong)length);
        rest = Put(Put(rest, PaddingId), (ushort)padding);
        rest.Fill((byte)'Z');
        stream.Write(local);

        long start = stream.Position;
        var summed = new ChecksumStream(stream);
        write(summed);
        if (stream.Position - start != length)
            throw new InvalidOperationException($"{name}: {stream.Position - start} bytes written where {length} were announced");
        Span<byte> checksum = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(checksum, summed.Checksum.Value);
        stream.Position = header + ChecksumPlace;
        stream.Write(checksum);
        stream.Position = start + length;
        _entries.Add((utf8, summed.Checksum.Value, length, header));
    }

    /// <summary>Writes the directory.</summary>
    public void Finish()
    {
        long start = stream.Position;
        foreach ((byte[] name, uint checksum, long length, long header) in _entries)
        {
            bool large = length >= uint.MaxValue || header >= uint.MaxValue;
            byte[] entry = new byte[46 + name.Length + (large ? 28 : 0)];
            Span<byte> rest = Begin(entry, 0x02014B50, Version, Version, Utf8Flag, 0);
            rest = Put(rest, Date);
            rest = Put(rest, checksum);
            rest = Put(rest, large ? uint.MaxValue : (uint)length);
            rest = Put(rest, large ? uint.MaxValue : (uint)length);
            rest = Put(rest, (ushort)name.Length);
            rest = Put(rest, (ushort)(large ? 28 : 0));
            rest = rest[10..]; // no comment, first disk, no attributes
            rest = Put(rest, large ? uint.MaxValue : (uint)header);
            name.CopyTo(rest);
            rest = rest[name.Length..];
            if (large)
                Put(Put(Put(Put(Put(rest, LargeId), (ushort)24), (ulong)length), (ulong)length), (ulong)header);
            stream.Write(entry);
        }

        long end = stream.Position, count = _entries.Count;
        byte[] tail = new byte[56 + 20 + 22];
        Span<byte> record = Put(Put(tail, 0x06064B50u), 44UL);
        record = Put(Put(record, Version), Version);
        record = Put(Put(record[8..], (ulong)count), (ulong)count);
        record = Put(Put(record, (ulong)(end - start)), (ulong)start);
        record = Put(Put(record, 0x07064B50u)[4..], (ulong)end);
        record = Put(record, 1u);
        record = Put(record, 0x06054B50u)[4..];
        ushort few = (ushort)Math.Min(count, ushort.MaxValue);
        record = Put(Put(record, few), few);
        Put(Put(record, (uint)Math.Min(end - start, uint.MaxValue)), (uint)Math.Min(start, uint.MaxValue));
        stream.Write(tail);
    }

    private static Span<byte> Begin(Span<byte> header, uint signature, params ReadOnlySpan<ushort> values)
    {
        Span<byte> rest = Put(header, signature);
        foreach (ushort value in values)
            rest = Put(rest, value);
        return rest;
    }

    private static Span<byte> Put(Span<byte> rest, ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(rest, value);
        return rest[2..];
    }

    private static Span<byte> Put(Span<byte> rest, uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(rest, value);
        return rest[4..];
    }

    private static Span<byte> Put(Span<byte> rest, ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(rest, value);
        return rest[8..];
    }

    /// <summary>Forwards bytes and computes their checksum.</summary>
    private sealed class ChecksumStream(Stream inner) : Stream
    {
        public Crc32 Checksum { get; } = new();

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            Checksum.Append(buffer);
            inner.Write(buffer);
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
