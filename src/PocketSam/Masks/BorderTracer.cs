namespace PocketSam.Masks;

/// <summary>
/// Follows the borders of a mask along pixel corners with the mask on the right-hand side: outer borders go clockwise,
/// those of holes anticlockwise.
/// </summary>
/// <remarks>
/// <para>Pixels that touch only at a corner are separate parts, and unset pixels that touch only at a corner are
/// connected. A border that returns to such a corner is cut there: into the border of the part and that of a hole, or
/// into those of several holes. So no ring touches itself, and each part is exactly what its rings enclose, as OGC
/// Simple Features requires.</para>
/// <para>
/// Rows are scanned from the top. The first edge of an outer border that the scan meets is the left end of a run, that
/// of a hole the right end of a run. Following a border marks its vertical edges with its part, so the part around a
/// hole is that of the run's left end.
/// </para>
/// </remarks>
internal sealed class BorderTracer
{
    private const int Unknown = -1;
    private const int Right = 0, Down = 1, Left = 2, Up = 3; // a turn to the right adds 1

    private readonly BinaryMask _mask;
    private readonly PixelCorner _origin;

    // The left and right ends of all runs, row by row; those of row y start at _rows[y].
    private readonly int[] _rows;
    private readonly List<int> _ends = [];
    private readonly int[] _parts;

    private BorderTracer(BinaryMask mask, PixelCorner origin)
    {
        _mask = mask;
        _origin = origin;
        _rows = new int[mask.Height + 1];
        for (int y = 0; y < mask.Height; y++)
        {
            for (int x = mask.NextSet(y, 0); x < mask.Width;)
            {
                int end = mask.NextClear(y, x);
                _ends.Add(x);
                _ends.Add(end);
                x = mask.NextSet(y, end);
            }

            _rows[y + 1] = _ends.Count;
        }

        _parts = new int[_ends.Count];
        Array.Fill(_parts, Unknown);
    }

    /// <summary>All parts of a mask, ordered by top row, then from the left.</summary>
    /// <param name="mask">The mask.</param>
    /// <param name="origin">Offset that is added to all corners.</param>
    public static List<MaskPolygon> Trace(BinaryMask mask, PixelCorner origin)
        => new BorderTracer(mask, origin).Trace();

    private List<MaskPolygon> Trace()
    {
        var polygons = new List<MaskPolygon>();
        var holes = new List<List<IReadOnlyList<PixelCorner>>>();
        for (int y = 0; y < _mask.Height; y++)
        {
            for (int i = _rows[y]; i < _rows[y + 1]; i += 2)
            {
                if (_parts[i] == Unknown)
                {
                    List<PixelCorner[]> rings = Follow(_ends[i], y, Up, polygons.Count);
                    PixelCorner[] outer = rings.First(ring => OutlineConflicts.Area(ring) > 0);
                    holes.Add([.. rings.Where(ring => ring != outer)]);
                    polygons.Add(new MaskPolygon(outer, holes[^1]));
                }

                int part = _parts[i];
                if (_parts[i + 1] == Unknown)
                    holes[part].AddRange(Follow(_ends[i + 1], y + 1, Down, part));
            }
        }

        return polygons;
    }

    /// <summary>
    /// Follows a border from the corner at the end of one of its vertical edges and marks its edges. The result is cut
    /// where it returns to a corner.
    /// </summary>
    private List<PixelCorner[]> Follow(int startX, int startY, int startDirection, int part)
    {
        var ring = new List<PixelCorner>();
        int x = startX, y = startY, direction = startDirection;
        do
        {
            int next = Turn(x, y, direction);
            if (next != direction)
                ring.Add(new PixelCorner(_origin.X + x, _origin.Y + y));
            direction = next;
            switch (direction)
            {
                case Right:
                    x++;
                    break;
                case Down:
                    Mark(x, y++, part);
                    break;
                case Left:
                    x--;
                    break;
                default:
                    Mark(x, --y, part);
                    break;
            }
        }
        while (x != startX || y != startY || direction != startDirection);
        return Cut(ring);
    }

    private static List<PixelCorner[]> Cut(List<PixelCorner> ring)
    {
        List<PixelCorner[]> parts = [];
        var places = new Dictionary<PixelCorner, int>(ring.Count);
        List<PixelCorner> open = [];
        foreach (PixelCorner corner in ring)
        {
            if (places.TryAdd(corner, open.Count))
            {
                open.Add(corner);
                continue;
            }

            int start = places[corner], count = open.Count - start;
            parts.Add([.. open.GetRange(start, count)]);
            for (int i = start + 1; i < open.Count; i++)
                places.Remove(open[i]);
            open.RemoveRange(start + 1, count - 1);
        }

        parts.Add([.. open]);
        return parts;
    }

    // Where two pixels touch only at this corner, the border stays with its own pixel.
    private int Turn(int x, int y, int direction)
    {
        (bool left, bool right) = direction switch
        {
            Right => (IsSet(x, y - 1), IsSet(x, y)),
            Down => (IsSet(x, y), IsSet(x - 1, y)),
            Left => (IsSet(x - 1, y), IsSet(x - 1, y - 1)),
            _ => (IsSet(x - 1, y - 1), IsSet(x, y - 1)),
        };
        if (!right)
            return (direction + 1) % 4;
        return left ? (direction + 3) % 4 : direction;
    }

    private bool IsSet(int x, int y)
        => (uint)x < (uint)_mask.Width && (uint)y < (uint)_mask.Height
        && (_mask.Row(y)[x >> 6] >> (x & 63) & 1) != 0;

    private void Mark(int x, int y, int part)
        => _parts[_ends.BinarySearch(_rows[y], _rows[y + 1] - _rows[y], x, null)] = part;
}
