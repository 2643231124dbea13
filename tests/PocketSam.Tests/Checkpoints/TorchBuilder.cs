using System.Buffers.Binary;
using System.Text;

namespace PocketSam.Tests.Checkpoints;

/// <summary>Files of PyTorch's two formats around a pickle, sound or not.</summary>
internal static class TorchBuilder
{
    /// <summary>An entry of a zip archive as its directory tells it.</summary>
    internal sealed record Entry(string Name, byte[] Bytes)
    {
        public ushort Method { get; init; }

        public ushort Flags { get; init; }

        public long? Length { get; init; }

        public long? Header { get; init; }

        /// <summary>Whether lengths and place are in the zip64 field.</summary>
        public bool Large { get; init; }
    }

    public static byte[] Zip(byte[] pickle, params byte[][] storages)
        => Zip([new("a/data.pkl", pickle), .. storages.Select((bytes, i) => new Entry($"a/data/{i}", bytes))]);

    public static byte[] Zip(Entry[] entries, bool large = false, string comment = "")
    {
        var file = new MemoryStream();
        var writer = new BinaryWriter(file);
        var directory = new MemoryStream();
        var list = new BinaryWriter(directory);
        foreach (Entry entry in entries)
        {
            byte[] name = Encoding.UTF8.GetBytes(entry.Name);
            long header = entry.Header ?? file.Position, length = entry.Length ?? entry.Bytes.Length;
            writer.Write(0x04034B50);
            writer.Write(new byte[22]);
            writer.Write((ushort)name.Length);
            writer.Write((ushort)3);
            writer.Write(name);
            writer.Write("pad"u8);
            writer.Write(entry.Bytes);

            list.Write(0x02014B50);
            list.Write(0);
            list.Write(entry.Flags);
            list.Write(entry.Method);
            list.Write(0L);
            list.Write(entry.Large ? uint.MaxValue : (uint)length);
            list.Write(entry.Large ? uint.MaxValue : (uint)length);
            list.Write((ushort)name.Length);
            list.Write((ushort)(entry.Large ? 32 : 0));
            list.Write(new byte[10]);
            list.Write(entry.Large ? uint.MaxValue : (uint)header);
            list.Write(name);
            if (!entry.Large)
                continue;
            list.Write(0x0000_4246); // a field of no bytes before the one that counts
            list.Write((ushort)1);
            list.Write((ushort)24);
            list.Write(length);
            list.Write(length);
            list.Write(header);
        }

        long start = file.Position;
        writer.Write(directory.ToArray());
        long end = file.Position;
        if (large)
        {
            writer.Write(0x06064B50);
            writer.Write(44L);
            writer.Write(new byte[28]);
            writer.Write(directory.Length);
            writer.Write(start);
            writer.Write(0x07064B50);
            writer.Write(0);
            writer.Write(end);
            writer.Write(1);
        }

        writer.Write(0x06054B50);
        writer.Write(new byte[8]);
        writer.Write(large ? uint.MaxValue : (uint)directory.Length);
        writer.Write(large ? uint.MaxValue : (uint)start);
        writer.Write((ushort)comment.Length);
        writer.Write(Encoding.ASCII.GetBytes(comment));
        return file.ToArray();
    }

    /// <summary>The older format.</summary>
    public static byte[] Legacy(byte[] pickle, bool littleEndian, params (string Key, long Count, byte[] Bytes)[] storages)
    {
        var file = new MemoryStream();
        file.Write([0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, (byte)'.']);
        file.Write(new PickleBuilder().Number(1001).Stop());
        file.Write(new PickleBuilder().Op("}").Text("little_endian").Op(littleEndian ? "\u0088" : "\u0089").Op("s").Stop());
        file.Write(pickle);
        var keys = new PickleBuilder().Op("](");
        foreach ((string key, _, _) in storages)
            keys.Text(key);
        file.Write(keys.Op("e").Stop());
        byte[] length = new byte[8];
        foreach ((_, long count, byte[] bytes) in storages)
        {
            if (littleEndian)
                BinaryPrimitives.WriteInt64LittleEndian(length, count);
            else
                BinaryPrimitives.WriteInt64BigEndian(length, count);
            file.Write(length);
            file.Write(bytes);
        }

        return file.ToArray();
    }
}
