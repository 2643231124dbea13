namespace PocketSam.Masks;

/// <summary>
/// Removes corners of a mask's outlines by the method of Douglas and Peucker (1973): a chain between two kept corners
/// becomes a straight line if none of it is farther from the line than the tolerance; otherwise its farthest corner is
/// kept as well. The topology of the outlines is preserved: what is inside what, and what touches.
/// </summary>
/// <remarks>
/// <para>A ring is two chains between its first corner and the one farthest from it. If both would become lines, the
/// farthest corner of each is kept: a ring never collapses, and a single pixel remains a square.</para>
/// <para>Where rings touch, the corner and its neighbours are kept. All other lines that meet although they do not in
/// the exact outlines, or that have another ring on their wrong side, get back the farthest corners of their chains
/// until no such line is left, at the latest when all corners are back.</para>
/// <para>A ring of more than <see cref="LongRing"/> corners keeps every <see cref="LongestChain"/>th, which bounds the
/// time for the most intricate ring.</para>
/// </remarks>
internal sealed class OutlineSimplifier
{
    private const int LongRing = 1 << 14;
    private const int LongestChain = 1 << 11;

    // Rounds in which each conflicting line gets one corner back. Lines that still conflict then get all of them.
    private const int GentleRounds = 24;

    private readonly PixelCorner[][] _rings;
    private readonly bool[][] _stays;
    private readonly double _tolerance;

    private OutlineSimplifier(PixelCorner[][] rings, double tolerance)
    {
        _rings = rings;
        _tolerance = tolerance;
        HashSet<PixelCorner> seen = [], touched = [];
        foreach (PixelCorner corner in rings.SelectMany(ring => ring))
        {
            if (!seen.Add(corner))
                touched.Add(corner);
        }

        _stays = [.. rings.Select(ring => Reduce(ring, touched))];
    }

    /// <summary>The polygons with simplified rings; <paramref name="polygons"/> itself if the tolerance is 0.</summary>
    public static List<MaskPolygon> Simplify(List<MaskPolygon> polygons, double tolerance)
    {
        if (tolerance == 0)
            return polygons;
        var simplifier = new OutlineSimplifier(
            [.. polygons.SelectMany(polygon => polygon.Rings).Select(ring => ring as PixelCorner[] ?? [.. ring])], tolerance);
        for (int round = 0; simplifier.Refine(isGentle: round < GentleRounds);)
            round++;
        int next = 0;
        return [.. polygons.Select(polygon => new MaskPolygon(
            simplifier.Kept(next++), [.. polygon.Holes.Select(_ => simplifier.Kept(next++))]))];
    }

    private PixelCorner[] Kept(int ring) => [.. _rings[ring].Where((_, i) => _stays[ring][i])];

    /// <summary>Which corners of a ring the method keeps.</summary>
    private bool[] Reduce(PixelCorner[] ring, HashSet<PixelCorner> touched)
    {
        int count = ring.Length, middle = Farthest(ring, 0, count).Index;
        bool[] stays = new bool[count];
        stays[0] = stays[middle] = true;
        for (int i = 0; i < count; i++)
        {
            if (touched.Contains(ring[i]))
                stays[i] = stays[(i + 1) % count] = stays[(i + count - 1) % count] = true;
            if (count > LongRing && i % LongestChain == 0)
                stays[i] = true;
        }

        Divide(ring, stays, Chains(stays));
        if (stays.Count(true) == 2)
        {
            foreach ((int index, double distance) in
                (ReadOnlySpan<(int, double)>)[Farthest(ring, 0, middle), Farthest(ring, middle, count)])
            {
                if (distance > 0)
                    stays[index] = true;
            }
        }

        return stays;
    }

    /// <summary>
    /// Restores the farthest corners of chains until all others are within the tolerance of their lines.
    /// </summary>
    private void Divide(PixelCorner[] ring, bool[] stays, IEnumerable<(int First, int Last)> chains)
    {
        var open = new Stack<(int First, int Last)>(chains);
        while (open.TryPop(out (int First, int Last) chain))
        {
            (int index, double distance) = Farthest(ring, chain.First, chain.Last);
            if (distance <= _tolerance)
                continue;
            stays[index] = true;
            open.Push((index, chain.Last));
            open.Push((chain.First, index));
        }
    }

    /// <summary>Restores corners of conflicting lines; false if there are none.</summary>
    private bool Refine(bool isGentle)
    {
        List<OutlineLine> lines = [];
        for (int ring = 0; ring < _rings.Length; ring++)
        {
            foreach ((int first, int last) in Chains(_stays[ring]))
                lines.Add(new OutlineLine(ring, first, last, At(_rings[ring], first), At(_rings[ring], last)));
        }

        if (!lines.Exists(line => line.IsSimpler))
            return false;
        HashSet<int> wrong = OutlineConflicts.Find(_rings, lines);
        foreach (int i in wrong)
        {
            OutlineLine line = lines[i];
            PixelCorner[] ring = _rings[line.Ring];
            if (isGentle)
            {
                (int index, double distance) = Farthest(ring, line.First, line.Last);
                index = distance > 0 ? index : (line.First + line.Last) / 2;
                _stays[line.Ring][index] = true;
                Divide(ring, _stays[line.Ring], [(line.First, index), (index, line.Last)]);
            }
            else
            {
                _stays[line.Ring].AsSpan(line.First, line.Last - line.First).Fill(true);
            }
        }

        return wrong.Count > 0;
    }

    /// <summary>The chains from kept corner to kept corner; the last one leads back to the first.</summary>
    private static IEnumerable<(int First, int Last)> Chains(bool[] stays)
    {
        int first = 0;
        for (int i = 1; i <= stays.Length; i++)
        {
            if (i < stays.Length && !stays[i])
                continue;
            yield return (first, i);
            first = i;
        }
    }

    private static PixelCorner At(PixelCorner[] ring, int index) => ring[index == ring.Length ? 0 : index];

    /// <summary>
    /// Index and distance in pixels of the corner of a chain that is farthest from the straight line between its ends.
    /// </summary>
    private static (int Index, double Distance) Farthest(PixelCorner[] ring, int first, int last)
    {
        int index = first;
        double farthest = 0;
        PixelCorner from = ring[first], to = At(ring, last);
        for (int i = first + 1; i < last; i++)
        {
            double square = SquaredDistance(ring[i], from, to);
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
