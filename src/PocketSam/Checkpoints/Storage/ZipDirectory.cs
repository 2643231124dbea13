using System.Buffers.Binary;
using System.Text;

namespace PocketSam.Checkpoints.Storage;

/// <summary>
/// The directory of a zip archive (APPNOTE.TXT 6.3) with uncompressed entries: locates entries in the file.
/// </summary>
internal sealed class ZipDirectory
{
    /// <summary>
    /// Largest directory in bytes: a quarter of a million entries, where a large model has some hundreds.
    /// </summary>
    private const long MaxLength = 16 << 20;

    private const uint LocalSignature = 0x04034B50;
    private const uint EntrySignature = 0x02014B50;
    private const uint EndSignature = 0x06054B50;
    private const uint End64Signature = 0x06064B50;
    private const uint Locator64Signature = 0x07064B50;
    private const int LocalLength = 30;
    private const int EntryLength = 46;
    private const int EndLength = 22;
    private const int End64Length = 56;
    private const int Locator64Length = 20;

    private readonly ByteSource _file;
    private readonly long _start;
    private readonly Dictionary<string, ZipEntry> _entries = [];

    private ZipDirectory(ByteSource file, long start)
    {
        _file = file;
        _start = start;
    }

    public string Source => _file.Name;

    /// <summary>Names of all entries, in order.</summary>
    public IEnumerable<string> Names => _entries.Keys;

    /// <summary>Reads the directory at the end of a file.</summary>
    /// <exception cref="CheckpointFormatException">The directory is missing or invalid.</exception>
    public static ZipDirectory Read(ByteSource file)
    {
        (long start, long length) = Find(file);
        if (start < 0 || length < 0 || length > file.Length - start)
            throw Broken(file, "lies outside of the file");
        if (length > MaxLength)
            throw Broken(file, $"has {length} bytes");
        var directory = new ZipDirectory(file, start);
        directory.Parse(file.Read(start, (int)length));
        return directory;
    }

    public bool Contains(string name) => _entries.ContainsKey(name);

    /// <summary>Offset and length of an entry's bytes.</summary>
    /// <exception cref="CheckpointFormatException">There is no such entry,
    /// it is compressed or encrypted, or its place is invalid.</exception>
    public (long Start, long Length) Locate(string name)
    {
        if (!_entries.TryGetValue(name, out ZipEntry entry))
            throw new CheckpointFormatException(_file.Name, $"has no entry {name}");
        if (!entry.IsStored)
            throw new CheckpointFormatException(_file.Name, $"entry {name} is compressed or encrypted; PyTorch stores them as they are");
        byte[] header = _file.Read(entry.Header, LocalLength);
        int nameLength = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(26));
        long start = entry.Header + LocalLength + nameLength + BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(28));
        if (BinaryPrimitives.ReadUInt32LittleEndian(header) != LocalSignature
            || Encoding.UTF8.GetString(_file.Read(entry.Header + LocalLength, nameLength)) != name)
        {
            throw new CheckpointFormatException(_file.Name, $"entry {name} is not where the directory says");
        }

        if (start > _start || entry.Length > _start - start)
            throw new CheckpointFormatException(_file.Name, $"entry {name} of {entry.Length} bytes lies outside of the file");
        return (start, entry.Length);
    }

    /// <summary>An entry as UTF-8 text.</summary>
    /// <exception cref="CheckpointFormatException">The entry is missing,
    /// or longer than <paramref name="most"/> bytes.</exception>
    public string ReadText(string name, int most)
    {
        (long start, long length) = Locate(name);
        return length <= most ? Encoding.UTF8.GetString(_file.Read(start, (int)length))
            : throw new CheckpointFormatException(_file.Name, $"entry {name} of {length} bytes is too long for a text");
    }

    private static CheckpointFormatException Broken(ByteSource file, string reason)
        => new(file.Name, $"the directory of the zip archive {reason}");

    /// <summary>
    /// The directory's offset and length, from the record at the end of the file, which may have a comment.
    /// </summary>
    private static (long Start, long Length) Find(ByteSource file)
    {
        int most = (int)Math.Min(file.Length, EndLength + ushort.MaxValue);
        foreach (int length in (int[])[Math.Min(most, EndLength), most])
        {
            byte[] tail = file.Read(file.Length - length, length);
            for (int at = length - EndLength; at >= 0; at--)
            {
                ReadOnlySpan<byte> end = tail.AsSpan(at);
                if (BinaryPrimitives.ReadUInt32LittleEndian(end) != EndSignature
                    || BinaryPrimitives.ReadUInt16LittleEndian(end[20..]) != end.Length - EndLength)
                {
                    continue;
                }

                return Find64(file, file.Length - length + at - Locator64Length)
                    ?? (BinaryPrimitives.ReadUInt32LittleEndian(end[16..]), BinaryPrimitives.ReadUInt32LittleEndian(end[12..]));
            }
        }

        throw new CheckpointFormatException(file.Name, "cut short: a zip archive without a directory at its end");
    }

    /// <summary>The directory's offset and length from the zip64 record, if there is one.</summary>
    private static (long Start, long Length)? Find64(ByteSource file, long locator)
    {
        if (locator < 0)
            return null;
        byte[] bytes = file.Read(locator, Locator64Length);
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Locator64Signature)
            return null;
        long place = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(8));
        if (place < 0 || place > locator - End64Length)
            throw Broken(file, "is not where it should be");
        byte[] end = file.Read(place, End64Length);
        if (BinaryPrimitives.ReadUInt32LittleEndian(end) != End64Signature)
            throw Broken(file, "is not where it should be");
        return (BinaryPrimitives.ReadInt64LittleEndian(end.AsSpan(48)), BinaryPrimitives.ReadInt64LittleEndian(end.AsSpan(40)));
    }

    private void Parse(ReadOnlySpan<byte> directory)
    {
        while (!directory.IsEmpty)
        {
            if (directory.Length < EntryLength || BinaryPrimitives.ReadUInt32LittleEndian(directory) != EntrySignature)
                throw Broken(_file, "is broken");
            int flags = BinaryPrimitives.ReadUInt16LittleEndian(directory[8..]);
            int method = BinaryPrimitives.ReadUInt16LittleEndian(directory[10..]);
            long stored = BinaryPrimitives.ReadUInt32LittleEndian(directory[20..]);
            long length = BinaryPrimitives.ReadUInt32LittleEndian(directory[24..]);
            int nameLength = BinaryPrimitives.ReadUInt16LittleEndian(directory[28..]);
            int extraLength = BinaryPrimitives.ReadUInt16LittleEndian(directory[30..]);
            int commentLength = BinaryPrimitives.ReadUInt16LittleEndian(directory[32..]);
            long header = BinaryPrimitives.ReadUInt32LittleEndian(directory[42..]);
            int whole = EntryLength + nameLength + extraLength + commentLength;
            if (whole > directory.Length)
                throw Broken(_file, "is broken");
            string name = Encoding.UTF8.GetString(directory.Slice(EntryLength, nameLength));
            ReadLarge(directory.Slice(EntryLength + nameLength, extraLength), ref length, ref stored, ref header);
            bool isStored = method == 0 && (flags & 1) == 0 && stored == length;
            if (length < 0 || header < 0)
                throw Broken(_file, "is broken");
            if (!_entries.TryAdd(name, new ZipEntry(name, isStored, length, header)))
                throw Broken(_file, $"has {name} twice");
            directory = directory[whole..];
        }
    }

    /// <summary>Replaces sizes that do not fit into 32 bits by those of the zip64 field.</summary>
    private void ReadLarge(ReadOnlySpan<byte> extra, ref long length, ref long stored, ref long header)
    {
        while (extra.Length >= 4)
        {
            int id = BinaryPrimitives.ReadUInt16LittleEndian(extra), size = BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]);
            if (size > extra.Length - 4)
                return;
            ReadOnlySpan<byte> field = extra.Slice(4, size);
            extra = extra[(4 + size)..];
            if (id != 1)
                continue;
            Replace(ref length, ref field);
            Replace(ref stored, ref field);
            Replace(ref header, ref field);
        }
    }

    private void Replace(ref long value, ref ReadOnlySpan<byte> field)
    {
        if (value != uint.MaxValue)
            return;
        if (field.Length < 8)
            throw Broken(_file, "is broken");
        value = BinaryPrimitives.ReadInt64LittleEndian(field);
        field = field[8..];
    }
}
