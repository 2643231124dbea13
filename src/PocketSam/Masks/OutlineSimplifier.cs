namespace PocketSam.Masks;

/// <summary>
/// Leaves out corners of closed rings by the method of Douglas and Peucker (1973): a chain between two corners that
/// stay becomes a straight line where none of it is farther from that line than the tolerance, else its farthest corner
/// stays too.
/// </summary>
/// <remarks>
/// A ring is two chains between its first corner and the one farthest from it. If both would become lines, the farthest
/// corner of each stays: a ring never falls flat, and a single pixel stays a square.
/// </remarks>
internal static class RingSimplifier
{
    /// <summary>The polygon with simpler rings; itself where the tolerance is 0.</summary>
    public static MaskPolygon Simplify(MaskPolygon polygon, double tolerance)
        => tolerance == 0
            ? polygon
            : new MaskPolygon(
                Simplify(polygon.Outer, tolerance), [.. polygon.Holes.Select(hole => Simplify(hole, tolerance))]);

    private static PixelCorner[] Simplify(IReadOnlyList<PixelCorner> ring, double tolerance)
    {
        PixelCorner[] closed = [.. ring, ring[0]];
        int last = closed.Length - 1;
        int middle = Farthest(closed, 0, last).Index;
        bool[] stays = new bool[closed.Length];
        stays[0] = stays[middle] = true;

        var chains = new Stack<(int First, int Last)>([(middle, last), (0, middle)]);
        while (chains.TryPop(out (int First, int Last) chain))
        {
            (int index, double distance) = Farthest(closed, chain.First, chain.Last);
            if (distance <= tolerance)
                continue;
            stays[index] = true;
            chains.Push((index, chain.Last));
            chains.Push((chain.First, index));
        }

        if (stays.Count(true) == 2)
        {
            foreach ((int index, double distance) in
                (ReadOnlySpan<(int, double)>)[Farthest(closed, 0, middle), Farthest(closed, middle, last)])
            {
                if (distance > 0)
                    stays[index] = true;
            }
        }

        return [.. ring.Where((_, i) => stays[i])];
    }

    /// <summary>The corner between two others that is farthest from the straight line between them.</summary>
    private static (int Index, double Distance) Farthest(PixelCorner[] corners, int first, int last)
    {
        int index = first;
        double farthest = 0;
        for (int i = first + 1; i < last; i++)
        {
            double square = SquaredDistance(corners[i], corners[first], corners[last]);
            if (square > farthest)
                (index, farthest) = (i, square);
        }

        return (index, Math.Sqrt(farthest));
    }

    private static double SquaredDistance(PixelCorner point, PixelCorner from, PixelCorner to)
    {
        double dx = to.X - from.X, dy = to.Y - from.Y, x = point.X - from.X, y = point.Y - from.Y;
        double length = dx * dx + dy * dy;
        double along = length == 0 ? 0 : Math.Clamp((x * dx + y * dy) / length, 0, 1);
        (x, y) = (x - along * dx, y - along * dy);
        return x * x + y * y;
    }
}
