using System.Runtime.InteropServices;

namespace PocketSam.Masks.Formats;

/// <summary>
/// Joins rings to one, for formats that have a single ring: each further ring is reached from the nearest corner so far
/// by a straight bridge, walked around, and left by the same bridge. As a bridge is walked both ways it has no inside,
/// and the joined ring holds, by the even-odd rule, what the rings hold together.
/// </summary>
internal static class RingBridge
{
    public static IReadOnlyList<PixelCorner> Join(IEnumerable<IReadOnlyList<PixelCorner>> rings)
    {
        List<PixelCorner> joined = [];
        foreach (IReadOnlyList<PixelCorner> ring in rings)
        {
            if (joined.Count == 0)
                joined.AddRange(ring);
            else
                Insert(joined, ring);
        }

        return joined;
    }

    private static void Insert(List<PixelCorner> joined, IReadOnlyList<PixelCorner> ring)
    {
        (int at, int entry) = Nearest(joined, ring);
        var detour = new List<PixelCorner>(ring.Count + 2);
        for (int i = 0; i <= ring.Count; i++)
            detour.Add(ring[(entry + i) % ring.Count]);
        detour.Add(joined[at]);
        joined.InsertRange(at + 1, detour);
    }

    private static (int At, int Entry) Nearest(List<PixelCorner> joined, IReadOnlyList<PixelCorner> ring)
    {
        int left = ring.Min(corner => corner.X), right = ring.Max(corner => corner.X);
        int top = ring.Min(corner => corner.Y), bottom = ring.Max(corner => corner.Y);
        (int At, int Entry) best = default;
        long least = long.MaxValue;
        ReadOnlySpan<PixelCorner> corners = CollectionsMarshal.AsSpan(joined);
        for (int i = 0; i < corners.Length; i++)
        {
            // Most corners are farther from the box around the ring than the best so far is from the ring.
            PixelCorner corner = corners[i];
            var inBox = new PixelCorner(Math.Clamp(corner.X, left, right), Math.Clamp(corner.Y, top, bottom));
            if (SquaredDistance(corner, inBox) >= least)
                continue;
            for (int j = 0; j < ring.Count; j++)
            {
                long square = SquaredDistance(corner, ring[j]);
                if (square < least)
                    (best, least) = ((i, j), square);
            }
        }

        return best;
    }

    private static long SquaredDistance(PixelCorner a, PixelCorner b)
    {
        long dx = a.X - b.X, dy = a.Y - b.Y;
        return dx * dx + dy * dy;
    }
}
