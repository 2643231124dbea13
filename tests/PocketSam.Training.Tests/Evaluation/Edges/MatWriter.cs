using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace PocketSam.Training.Tests.Evaluation.Edges;

/// <summary>Writes MATLAB files of version 5, by the format's own description, to be read back.</summary>
internal sealed class MatWriter(bool bigEndian = false)
{
    /// <summary>A file as BSDS500 ships them: a row of cells, each a structure with a segmentation and its boundaries.</summary>
    public byte[] GroundTruth(IReadOnlyList<BinaryMask> boundaries, bool compressed)
    {
        byte[][] cells =
        [
            .. boundaries.Select(map => Struct(
                "", ("Segmentation", Numeric("", 11, 4, 2, map, _ => 7)), ("Boundaries", Numeric("", 9, 2, 1, map, set => set ? 1 : 0)))),
        ];
        return File(Array("groundTruth", 1, [1, cells.Length], cells), compressed);
    }

    public byte[] File(byte[] matrix, bool compressed)
    {
        byte[] header = new byte[128];
        Encoding.ASCII.GetBytes("MATLAB 5.0 MAT-file").CopyTo(header, 0);
        Put16(header.AsSpan(124), 0x0100);
        Put16(header.AsSpan(126), 0x4d49);
        if (!compressed)
            return [.. header, .. matrix];
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionMode.Compress, leaveOpen: true))
            zlib.Write(matrix);
        return [.. header, .. Tag(15, (int)packed.Length), .. packed.ToArray()];
    }

    public byte[] Struct(string name, params (string Field, byte[] Value)[] fields)
    {
        byte[] names = new byte[fields.Length * 32];
        for (int i = 0; i < fields.Length; i++)
            Encoding.ASCII.GetBytes(fields[i].Field).CopyTo(names, i * 32);
        // The length of a name stands within the tag, as MATLAB writes it.
        byte[] length = new byte[8];
        Put32(length, (4 << 16) | 5);
        Put32(length.AsSpan(4), 32);
        return Array(name, 2, [1, 1], [length, Element(1, names), .. fields.Select(field => field.Value)]);
    }

    public byte[] Numeric(string name, int kind, int stored, int bytes, BinaryMask map, Func<bool, int> value)
    {
        byte[] values = new byte[map.Width * map.Height * bytes];
        for (int x = 0; x < map.Width; x++)
        {
            for (int y = 0; y < map.Height; y++)
            {
                Span<byte> at = values.AsSpan((x * map.Height + y) * bytes);
                if (bytes == 1)
                    at[0] = (byte)value(map[x, y]);
                else
                    Put16(at, (ushort)value(map[x, y]));
            }
        }

        return Array(name, kind, [map.Height, map.Width], [Element(stored, values)]);
    }

    public byte[] Array(string name, int kind, int[] size, IEnumerable<byte[]> content)
    {
        byte[] flags = new byte[8], sides = new byte[size.Length * 4];
        Put32(flags, (uint)kind);
        for (int i = 0; i < size.Length; i++)
            Put32(sides.AsSpan(4 * i), (uint)size[i]);
        return Element(14, [
            .. Element(6, flags), .. Element(5, sides), .. Element(1, Encoding.ASCII.GetBytes(name)),
            .. content.SelectMany(part => part),
        ]);
    }

    private byte[] Element(int kind, byte[] body) => [.. Tag(kind, body.Length), .. body, .. new byte[-body.Length & 7]];

    private byte[] Tag(int kind, int length)
    {
        byte[] tag = new byte[8];
        Put32(tag, (uint)kind);
        Put32(tag.AsSpan(4), (uint)length);
        return tag;
    }

    private void Put16(Span<byte> at, ushort value)
    {
        if (bigEndian)
            BinaryPrimitives.WriteUInt16BigEndian(at, value);
        else
            BinaryPrimitives.WriteUInt16LittleEndian(at, value);
    }

    private void Put32(Span<byte> at, uint value)
    {
        if (bigEndian)
            BinaryPrimitives.WriteUInt32BigEndian(at, value);
        else
            BinaryPrimitives.WriteUInt32LittleEndian(at, value);
    }
}
