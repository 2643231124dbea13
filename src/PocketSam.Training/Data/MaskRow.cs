using System.Numerics;

namespace PocketSam.Training.Data;

/// <summary>
/// Operations on ranges of bits in a row of a mask; bit <c>x % 64</c> of word <c>x / 64</c> is pixel <c>x</c>.
/// </summary>
internal static class MaskRow
{
    /// <summary>Number of set pixels in <c>[from, to)</c>.</summary>
    public static int Count(ReadOnlySpan<ulong> row, int from, int to)
    {
        int count = 0;
        while (from < to)
        {
            int bit = from & 63;
            int take = Math.Min(64 - bit, to - from);
            count += BitOperations.PopCount(row[from >> 6] >> bit & Ones(take));
            from += take;
        }

        return count;
    }

    /// <summary>
    /// Extracts <paramref name="count"/> pixels, 1 to 64, starting at <paramref name="from"/>, the first in bit 0.
    /// </summary>
    public static ulong Extract(ReadOnlySpan<ulong> row, int from, int count)
    {
        int word = from >> 6;
        int bit = from & 63;
        ulong bits = row[word] >> bit;
        if (bit + count > 64)
            bits |= row[word + 1] << (64 - bit);
        return bits & Ones(count);
    }

    /// <summary>Sets the pixels of <c>[from, to)</c>.</summary>
    public static void Fill(Span<ulong> row, int from, int to)
    {
        while (from < to)
        {
            int bit = from & 63;
            int take = Math.Min(64 - bit, to - from);
            row[from >> 6] |= Ones(take) << bit;
            from += take;
        }
    }

    /// <summary>A word whose lowest <paramref name="count"/> bits, 1 to 64, are set.</summary>
    public static ulong Ones(int count) => ulong.MaxValue >> (64 - count);
}
