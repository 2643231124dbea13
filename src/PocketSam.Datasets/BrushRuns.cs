namespace PocketSam.Datasets;

/// <summary>
/// Label Studio's run-length encoding of a brush, as a bit stream, the highest bit of a byte first. Header: 32 bits for
/// the number of values, 5 for the bits of a value less one, 4 x 4 for the bits of each of the four kinds of run length
/// less one. Each run: 1 bit (1: one value for the whole run), 2 bits for the kind of length, the length less one, then
/// the one value or all values. The values are RGBA; the mask is where alpha is not 0.
/// </summary>
internal static class BrushRuns
{
    private const int WordBits = 8;

    /// <summary>Bits of the four kinds of run length, the same that Label Studio writes.</summary>
    private static readonly int[] LengthBits = [3, 4, 8, 16];

    /// <summary>Draws a brush into a mask; false if the stream ends early or is not of the mask's size.</summary>
    public static bool TryDraw(ReadOnlySpan<byte> runs, BinaryMask mask)
    {
        int place = 0;
        long count = Bits(runs, ref place, 32);
        int word = (int)Bits(runs, ref place, 5) + 1;
        Span<int> lengths = stackalloc int[4];
        foreach (ref int length in lengths)
            length = (int)Bits(runs, ref place, 4) + 1;
        if (count != 4L * mask.Width * mask.Height)
            return false;
        for (long i = 0; i < count;)
        {
            bool isRun = Bits(runs, ref place, 1) == 1;
            long length = Bits(runs, ref place, lengths[(int)Bits(runs, ref place, 2)]) + 1, value = isRun ? Bits(runs, ref place, word) : 0;
            if (place > 8L * runs.Length || i + length > count)
                return false;
            for (long end = i + length; i < end; i++)
            {
                long own = isRun ? value : Bits(runs, ref place, word);
                if ((i & 3) == 3 && own != 0)
                    mask[(int)(i / 4 % mask.Width), (int)(i / 4 / mask.Width)] = true;
            }
        }

        return place <= 8L * runs.Length;
    }

    /// <summary>Encodes a mask as RGBA values that are all 255 inside and all 0 outside.</summary>
    public static byte[] Encode(BinaryMask mask)
    {
        var bits = new BitWriter();
        bits.Write(4u * (uint)(mask.Width * mask.Height), 32);
        bits.Write(WordBits - 1, 5);
        foreach (int length in LengthBits)
            bits.Write((uint)length - 1, 4);
        uint value = 0;
        foreach (int pixels in RowRuns.Of(mask))
        {
            for (long rest = 4L * pixels; rest > 0;)
            {
                int length = (int)Math.Min(rest, 1 << LengthBits[^1]), which = Array.FindIndex(LengthBits, b => length <= 1 << b);
                bits.Write(1, 1);
                bits.Write((uint)which, 2);
                bits.Write((uint)length - 1, LengthBits[which]);
                bits.Write(value, WordBits);
                rest -= length;
            }

            value ^= byte.MaxValue;
        }

        return bits.ToArray();
    }

    /// <summary>Reads the next bits as a number; past the end they are zeros.</summary>
    private static long Bits(ReadOnlySpan<byte> bytes, ref int place, int count)
    {
        long value = 0;
        for (int i = 0; i < count; i++, place++)
            value = value << 1 | (place < 8L * bytes.Length ? (uint)(bytes[place >> 3] >> (7 - (place & 7)) & 1) : 0u);
        return value;
    }

    /// <summary>Writes a bit stream, the highest bit of a byte first; zeros fill the last byte.</summary>
    private sealed class BitWriter
    {
        private readonly List<byte> _bytes = [];
        private int _count;

        public void Write(uint value, int count)
        {
            for (int i = count - 1; i >= 0; i--, _count++)
            {
                if ((_count & 7) == 0)
                    _bytes.Add(0);
                _bytes[^1] |= (byte)((value >> i & 1) << (7 - (_count & 7)));
            }
        }

        public byte[] ToArray() => [.. _bytes];
    }
}
