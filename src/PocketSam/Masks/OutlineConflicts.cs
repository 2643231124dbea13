namespace PocketSam.Masks;

/// <summary>Finds lines of simplified outlines that change the topology of the exact outlines.</summary>
internal sealed class OutlineConflicts
{
    private const int CellShift = 5;

    private readonly PixelCorner[][] _rings;
    private readonly List<OutlineLine> _lines;
    private readonly HashSet<int> _wrong = [];

    // Linked lists in arrays: the lines that reach into each square of 32 pixels, and the rings whose mark is there.
    private readonly int _left;
    private readonly int _top;
    private readonly int _columns;
    private readonly int[] _firstLine;
    private readonly int[] _firstMark;
    private readonly List<(int Item, int Next)> _entries = [];

    private OutlineConflicts(PixelCorner[][] rings, List<OutlineLine> lines)
    {
        _rings = rings;
        _lines = lines;
        _left = rings.Min(ring => ring.Min(corner => corner.X));
        _top = rings.Min(ring => ring.Min(corner => corner.Y));
        _columns = ((rings.Max(ring => ring.Max(corner => corner.X)) - _left) >> CellShift) + 1;
        int rows = ((rings.Max(ring => ring.Max(corner => corner.Y)) - _top) >> CellShift) + 1;
        _firstLine = new int[_columns * rows];
        _firstMark = new int[_columns * rows];
        Array.Fill(_firstLine, -1);
        Array.Fill(_firstMark, -1);
    }

    /// <summary>Indices of simplified lines that conflict.</summary>
    public static HashSet<int> Find(PixelCorner[][] rings, List<OutlineLine> lines)
    {
        var conflicts = new OutlineConflicts(rings, lines);
        conflicts.FindReversed();
        conflicts.FindCrossing();
        conflicts.FindSideChanges();
        return conflicts._wrong;
    }

    /// <summary>Finds rings that have changed their orientation or enclose nothing.</summary>
    private void FindReversed()
    {
        for (int start = 0, end; start < _lines.Count; start = end)
        {
            long area = 0;
            bool isSimpler = false;
            for (end = start; end < _lines.Count && _lines[end].Ring == _lines[start].Ring; end++)
            {
                area += Cross(_lines[end].From, _lines[end].To);
                isSimpler |= _lines[end].IsSimpler;
            }

            if (!isSimpler || Math.Sign(area) == Math.Sign(Area(_rings[_lines[start].Ring])))
                continue;
            for (int i = start; i < end; i++)
                MarkConflict(i);
        }
    }

    /// <summary>Finds lines that meet where the exact outlines do not.</summary>
    private void FindCrossing()
    {
        for (int i = 0; i < _lines.Count; i++)
        {
            foreach (int cell in Cells(_lines[i]))
                Add(_firstLine, cell, i);
        }

        for (int i = 0; i < _lines.Count; i++)
        {
            if (!_lines[i].IsSimpler)
                continue;
            foreach (int cell in Cells(_lines[i]))
            {
                for (int at = _firstLine[cell]; at >= 0; at = _entries[at].Next)
                {
                    int other = _entries[at].Item;
                    if (other == i || !OutlineLine.Meet(_lines[i], _lines[other]))
                        continue;
                    MarkConflict(i);
                    MarkConflict(other);
                }
            }
        }
    }

    /// <summary>Finds lines that have another ring on the other side than the chain that they replace.</summary>
    private void FindSideChanges()
    {
        // The middle of a ring's first line, or its first corner, stands for the whole ring: it stays in place, and is
        // on no other ring. Coordinates are doubled.
        var marks = new PixelCorner[_rings.Length];
        foreach (OutlineLine line in _lines)
        {
            if (line.First != 0)
                continue;
            marks[line.Ring] = line.IsSimpler
                ? new PixelCorner(2 * line.From.X, 2 * line.From.Y)
                : new PixelCorner(line.From.X + line.To.X, line.From.Y + line.To.Y);
            Add(_firstMark, Cell(marks[line.Ring].X >> 1, marks[line.Ring].Y >> 1), line.Ring);
        }

        for (int i = 0; i < _lines.Count; i++)
        {
            OutlineLine line = _lines[i];
            if (!line.IsSimpler)
                continue;
            ReadOnlySpan<PixelCorner> chain = _rings[line.Ring].AsSpan(line.First, line.Last - line.First);
            int left = line.To.X, right = left, top = line.To.Y, bottom = top;
            foreach (PixelCorner corner in chain)
            {
                (left, right) = (Math.Min(left, corner.X), Math.Max(right, corner.X));
                (top, bottom) = (Math.Min(top, corner.Y), Math.Max(bottom, corner.Y));
            }

            bool isWrong = false;
            for (int row = (top - _top) >> CellShift; row <= (bottom - _top) >> CellShift && !isWrong; row++)
            {
                for (int column = (left - _left) >> CellShift; column <= (right - _left) >> CellShift && !isWrong; column++)
                    isWrong = HoldsMark(_firstMark[row * _columns + column], line, chain, marks);
            }

            if (isWrong)
                MarkConflict(i);
        }
    }

    private bool HoldsMark(int entry, OutlineLine line, ReadOnlySpan<PixelCorner> chain, PixelCorner[] marks)
    {
        for (; entry >= 0; entry = _entries[entry].Next)
        {
            int ring = _entries[entry].Item;
            if (ring != line.Ring && IsInside(marks[ring], chain, line.To))
                return true;
        }

        return false;
    }

    /// <summary>Whether a point, in doubled coordinates, is between a chain and the line that closes it.</summary>
    private static bool IsInside(PixelCorner point, ReadOnlySpan<PixelCorner> chain, PixelCorner last)
    {
        bool isInside = false;
        PixelCorner from = last;
        for (int i = 0; i <= chain.Length; i++)
        {
            PixelCorner to = i == chain.Length ? last : chain[i];
            if (2 * from.Y > point.Y != 2 * to.Y > point.Y)
            {
                long dy = 2L * (to.Y - from.Y);
                long side = (2L * from.X - point.X) * dy + 2L * (to.X - from.X) * (point.Y - 2L * from.Y);
                isInside ^= dy > 0 ? side > 0 : side < 0;
            }

            from = to;
        }

        return isInside;
    }

    private void MarkConflict(int line)
    {
        if (_lines[line].IsSimpler)
            _wrong.Add(line);
    }

    private void Add(int[] first, int cell, int item)
    {
        _entries.Add((item, first[cell]));
        first[cell] = _entries.Count - 1;
    }

    /// <summary>The squares that a line reaches into, and possibly some beside them.</summary>
    private IEnumerable<int> Cells(OutlineLine line)
    {
        (PixelCorner a, PixelCorner b) = line.From.X <= line.To.X ? (line.From, line.To) : (line.To, line.From);
        int firstColumn = (a.X - _left) >> CellShift, lastColumn = (b.X - _left) >> CellShift;
        double slope = b.X == a.X ? 0 : (double)(b.Y - a.Y) / (b.X - a.X);
        for (int column = firstColumn; column <= lastColumn; column++)
        {
            int start = Math.Max(a.X, _left + (column << CellShift)), end = Math.Min(b.X, _left + ((column + 1) << CellShift));
            double yStart = b.X == a.X ? a.Y : a.Y + slope * (start - a.X), yEnd = b.X == a.X ? b.Y : a.Y + slope * (end - a.X);
            int low = Math.Max((int)Math.Floor(Math.Min(yStart, yEnd)), Math.Min(a.Y, b.Y));
            int high = Math.Min((int)Math.Ceiling(Math.Max(yStart, yEnd)), Math.Max(a.Y, b.Y));
            for (int row = (low - _top) >> CellShift; row <= (high - _top) >> CellShift; row++)
                yield return row * _columns + column;
        }
    }

    private int Cell(int x, int y) => ((y - _top) >> CellShift) * _columns + ((x - _left) >> CellShift);

    /// <summary>
    /// Twice the signed area of a ring in square pixels; positive for a ring that goes clockwise on the screen.
    /// </summary>
    internal static long Area(PixelCorner[] ring)
    {
        long area = Cross(ring[^1], ring[0]);
        for (int i = 1; i < ring.Length; i++)
            area += Cross(ring[i - 1], ring[i]);
        return area;
    }

    private static long Cross(PixelCorner a, PixelCorner b) => (long)a.X * b.Y - (long)b.X * a.Y;
}
