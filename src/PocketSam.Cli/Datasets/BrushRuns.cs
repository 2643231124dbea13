namespace PocketSam.Cli.Datasets;

/// <summary>
/// Label Studio's run lengths of a brush: bits, the highest first. 32 bits say how many values there are, 5 the bits of a value
/// less one, four times 4 the bits of a run's length less one. Then, until all values are there: a bit (1: one value for the
/// whole run), 2 bits (which length), the length less one, and the value or values. The picture is RGBA: the mask is where
/// the fourth value is not 0.
/// </summary>
internal static class BrushRuns
{
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

    /// <summary>The next bits as a number; zeros behind the end.</summary>
    private static long Bits(ReadOnlySpan<byte> bytes, ref int place, int count)
    {
        long value = 0;
        for (int i = 0; i < count; i++, place++)
            value = value << 1 | (place < 8L * bytes.Length ? (uint)(bytes[place >> 3] >> (7 - (place & 7)) & 1) : 0u);
        return value;
    }
}
