namespace PocketSam.Segmentation.Exports;

/// <summary>
/// Joins rings to one, for formats that have a single ring: each further ring is reached from the nearest corner so far by
/// a straight bridge, walked around, and left by the same bridge. As a bridge is walked both ways it has no inside, and
/// the joined ring holds, by the even-odd rule, what the rings hold together.
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
        (int At, int Entry) best = default;
        double least = double.PositiveInfinity;
        for (int i = 0; i < joined.Count; i++)
        {
            for (int j = 0; j < ring.Count; j++)
            {
                double dx = joined[i].X - ring[j].X, dy = joined[i].Y - ring[j].Y, square = dx * dx + dy * dy;
                if (square < least)
                    (best, least) = ((i, j), square);
            }
        }

        return best;
    }
}
