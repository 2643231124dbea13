namespace PocketSam.Datasets;

/// <summary>
/// Label Studio's run lengths of a brush: bits, the highest first. 32 bits say how many values there are, 5 the bits of a value
/// less one, four times 4 the bits of a run's length less one. Then, until all values are there: a bit (1: one value for the
/// whole run), 2 bits (which length), the length less one, and the value or values. The picture is RGBA: the mask is where
/// the fourth value is not 0.
/// </summary>
internal static class BrushRuns
{
    private const int WordBits = 8;

    /// <summary>Bits of the lengths that are written, as Label Studio has them.</summary>
    private static readonly int[] LengthBits = [3, 4, 8, 16];

    /// <summary>Draws a brush; false where the bits end early or are of another picture.</summary>
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

    /// <summary>The runs of a mask, whose four values are 255 inside and 0 outside.</summary>
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

    /// <summary>The next bits as a number; zeros behind the end.</summary>
    private static long Bits(ReadOnlySpan<byte> bytes, ref int place, int count)
    {
        long value = 0;
        for (int i = 0; i < count; i++, place++)
            value = value << 1 | (place < 8L * bytes.Length ? (uint)(bytes[place >> 3] >> (7 - (place & 7)) & 1) : 0u);
        return value;
    }

    /// <summary>Bits, the highest first; the last byte is filled with zeros.</summary>
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
