namespace PocketSam.Masks;

/// <summary>A straight line of a simplified outline.</summary>
/// <param name="Ring">Index of its ring.</param>
/// <param name="First">Index of the ring's corner where it starts.</param>
/// <param name="Last">Index of the ring's corner where it ends; the
/// number of corners stands for the first corner.</param>
/// <param name="From">Where it starts.</param>
/// <param name="To">Where it ends.</param>
internal readonly record struct OutlineLine(int Ring, int First, int Last, PixelCorner From, PixelCorner To)
{
    /// <summary>Whether it replaces more than one line of the exact outline.</summary>
    public bool IsSimpler => Last - First > 1;

    /// <summary>Whether two lines have a point in common, other than a shared end from which they part.</summary>
    public static bool Meet(OutlineLine a, OutlineLine b)
    {
        if (a.From == b.From)
            return Overlap(a.From, a.To, b.To);
        if (a.From == b.To)
            return Overlap(a.From, a.To, b.From);
        if (a.To == b.From)
            return Overlap(a.To, a.From, b.To);
        if (a.To == b.To)
            return Overlap(a.To, a.From, b.From);
        int aFrom = Side(b.From, b.To, a.From), aTo = Side(b.From, b.To, a.To);
        int bFrom = Side(a.From, a.To, b.From), bTo = Side(a.From, a.To, b.To);
        if (aFrom * aTo < 0 && bFrom * bTo < 0)
            return true;
        return (aFrom == 0 && IsBetween(b, a.From)) || (aTo == 0 && IsBetween(b, a.To))
            || (bFrom == 0 && IsBetween(a, b.From)) || (bTo == 0 && IsBetween(a, b.To));
    }

    /// <summary>Whether two lines from a common end overlap.</summary>
    private static bool Overlap(PixelCorner end, PixelCorner a, PixelCorner b)
    {
        if (Side(end, a, b) != 0)
            return false;
        long along = (long)(a.X - end.X) * (b.X - end.X) + (long)(a.Y - end.Y) * (b.Y - end.Y);
        return along > 0;
    }

    private static int Side(PixelCorner from, PixelCorner to, PixelCorner point)
        => Math.Sign((long)(to.X - from.X) * (point.Y - from.Y) - (long)(to.Y - from.Y) * (point.X - from.X));

    private static bool IsBetween(OutlineLine line, PixelCorner onIt)
        => onIt.X >= Math.Min(line.From.X, line.To.X) && onIt.X <= Math.Max(line.From.X, line.To.X)
        && onIt.Y >= Math.Min(line.From.Y, line.To.Y) && onIt.Y <= Math.Max(line.From.Y, line.To.Y);
}
