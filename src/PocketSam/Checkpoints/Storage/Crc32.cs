using System.Buffers.Binary;

namespace PocketSam.Checkpoints.Storage;

/// <summary>The checksum of zip archives (polynomial 0xEDB88320), eight bytes at a time with eight tables.</summary>
internal sealed class Crc32
{
    private const uint Polynomial = 0xEDB88320;
    private static readonly uint[] Tables = MakeTables();
    private uint _state = ~0u;

    /// <summary>The checksum of all bytes so far.</summary>
    public uint Value => ~_state;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<uint> t = Tables;
        uint crc = _state;
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            ulong eight = BinaryPrimitives.ReadUInt64LittleEndian(bytes) ^ crc;
            crc = 0;
            for (int i = 0; i < 8; i++, eight >>= 8)
                crc ^= t[(7 - i) * 256 + (byte)eight];
        }

        foreach (byte b in bytes)
            crc = (crc >> 8) ^ t[(byte)(crc ^ b)];
        _state = crc;
    }

    /// <summary>Table k has the checksum of each byte followed by k zeros.</summary>
    private static uint[] MakeTables()
    {
        uint[] tables = new uint[8 * 256];
        for (uint i = 0; i < 256; i++)
        {
            uint crc = i;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? (crc >> 1) ^ Polynomial : crc >> 1;
            tables[i] = crc;
        }

        for (int i = 256; i < tables.Length; i++)
            tables[i] = (tables[i - 256] >> 8) ^ tables[(byte)tables[i - 256]];
        return tables;
    }
}
