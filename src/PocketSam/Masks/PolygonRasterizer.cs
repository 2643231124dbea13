namespace PocketSam.Masks;

/// <summary>Rasterises COCO polygons, pixel for pixel as <c>pycocotools</c> does.</summary>
/// <remarks>
/// Vertices are rounded to a lattice of a fifth of a pixel. The boundary is a walk over that lattice, one step at a
/// time along the longer direction of each edge, with the other coordinate rounded. Column <c>n</c> of the picture has
/// its centre between lattice columns <c>5n + 2</c> and <c>5n + 3</c>: wherever the walk steps from one to the other,
/// the column changes its value at the upper of the two points, rounded up to a pixel row. Only those steps are
/// evaluated here, so the cost of an edge is the number of picture columns that it crosses, however long it is. The
/// walk is closed, hence every column changes an even number of times and no value carries over to the next column.
/// </remarks>
internal static class PolygonRasterizer
{
    /// <summary>Largest coordinate in pixels; steps on the lattice are counted in 32 bits.</summary>
    internal const double MaxCoordinate = 2e8;

    private const int Scale = 5;
    private const int LeftOfCentre = 2;

    /// <summary>The union of the polygons' interiors.</summary>
    /// <param name="polygons">Flat lists <c>x, y, x, y ...</c> in pixels, closed implicitly.</param>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="height">Rows.</param>
    /// <exception cref="FormatException"><see cref="Validate"/> refuses a polygon.</exception>
    internal static BinaryMask Rasterize(IReadOnlyList<double[]> polygons, int width, int height)
    {
        var union = new BinaryMask(width, height);
        foreach (double[] polygon in polygons)
        {
            Validate(polygon);
            var mask = new BinaryMask(width, height);
            Trace(mask, polygon);
            mask.AccumulateRows();
            union.UnionWith(mask);
        }

        return union;
    }

    /// <summary>
    /// The union of the polygons' interiors as run lengths. Only columns and rows up to the end of the polygons are
    /// drawn: a column changes an even number of times, so it is unset below.
    /// </summary>
    /// <param name="polygons">Flat lists <c>x, y, x, y ...</c> in pixels, closed implicitly.</param>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="height">Rows.</param>
    /// <exception cref="FormatException"><see cref="Validate"/> refuses a polygon.</exception>
    internal static Rle Encode(IReadOnlyList<double[]> polygons, int width, int height)
    {
        double right = 0, bottom = 0;
        foreach (double[] polygon in polygons)
        {
            Validate(polygon);
            for (int i = 0; i < polygon.Length; i += 2)
                (right, bottom) = (Math.Max(right, polygon[i]), Math.Max(bottom, polygon[i + 1]));
        }

        int columns = (int)Math.Min(width, right + 2), rows = (int)Math.Min(height, bottom + 2);
        return Rle.FromCrop(Rasterize(polygons, columns, rows), new PixelBox(0, 0, columns, rows), width, height);
    }

    /// <summary>Refuses an invalid polygon.</summary>
    /// <exception cref="FormatException">An odd number of coordinates, fewer than three points, or a coordinate that is
    /// not finite or too large.</exception>
    internal static void Validate(ReadOnlySpan<double> polygon)
    {
        if (polygon.Length % 2 != 0)
            throw new FormatException($"polygon: {polygon.Length} coordinates, an odd number");
        if (polygon.Length < 6)
            throw new FormatException($"polygon: {polygon.Length / 2} points, fewer than 3");
        foreach (double coordinate in polygon)
        {
            if (!(Math.Abs(coordinate) <= MaxCoordinate))
                throw new FormatException($"polygon: coordinate {coordinate} is not a finite number of pixels");
        }
    }

    private static void Trace(BinaryMask changes, ReadOnlySpan<double> polygon)
    {
        int x = OnLattice(polygon[^2]);
        int y = OnLattice(polygon[^1]);
        for (int i = 0; i < polygon.Length; i += 2)
        {
            int nextX = OnLattice(polygon[i]);
            int nextY = OnLattice(polygon[i + 1]);
            if (Math.Abs(nextX - x) >= Math.Abs(nextY - y))
                TraceFlatEdge(changes, x, y, nextX, nextY);
            else
                TraceSteepEdge(changes, x, y, nextX, nextY);
            (x, y) = (nextX, nextY);
        }
    }

    // One lattice column per step: the points on both sides of a column's centre are computed directly.
    private static void TraceFlatEdge(BinaryMask changes, int x0, int y0, int x1, int y1)
    {
        if (x0 > x1)
            (x0, y0, x1, y1) = (x1, y1, x0, y0);
        double slope = (double)(y1 - y0) / (x1 - x0);
        (int first, int last) = CrossedColumns(x0, x1, changes.Width);
        for (int column = first; column <= last; column++)
        {
            int step = Scale * column + LeftOfCentre - x0;
            int left = (int)(y0 + slope * step + 0.5);
            int right = (int)(y0 + slope * (step + 1) + 0.5);
            FlipAt(changes, column, Math.Min(left, right));
        }
    }

    // One lattice row per step: the step that passes a column's centre is
    // estimated, then corrected with the rounding of the walk.
    private static void TraceSteepEdge(BinaryMask changes, int x0, int y0, int x1, int y1)
    {
        if (y0 > y1)
            (x0, y0, x1, y1) = (x1, y1, x0, y0);
        int steps = y1 - y0;
        double slope = (double)(x1 - x0) / steps;
        bool rightwards = x1 > x0;
        (int first, int last) = CrossedColumns(Math.Min(x0, x1), Math.Max(x0, x1), changes.Width);
        for (int column = first; column <= last; column++)
        {
            int left = Scale * column + LeftOfCentre;
            int step = (int)Math.Clamp(Math.Ceiling((left + 0.5 - x0) / slope), 1, steps);
            while (step > 1 && HasPassed(step - 1))
                step--;
            while (!HasPassed(step))
                step++;
            FlipAt(changes, column, y0 + step - 1);

            bool HasPassed(int at)
            {
                int x = (int)(x0 + slope * at + 0.5);
                return rightwards ? x > left : x <= left;
            }
        }
    }

    // The columns of the picture whose lattice neighbours 5n + 2 and 5n + 3 are both in [low, high].
    private static (int First, int Last) CrossedColumns(int low, int high, int width)
    {
        int first = low <= LeftOfCentre ? 0 : (low - LeftOfCentre + Scale - 1) / Scale;
        int last = high <= LeftOfCentre ? -1 : (high - LeftOfCentre - 1) / Scale;
        return (first, Math.Min(last, width - 1));
    }

    private static void FlipAt(BinaryMask changes, int column, int latticeRow)
    {
        int y = latticeRow <= LeftOfCentre ? 0 : (latticeRow - LeftOfCentre + Scale - 1) / Scale;
        if (y < changes.Height)
            changes.Flip(column, y);
    }

    private static int OnLattice(double coordinate) => (int)(Scale * coordinate + 0.5);
}
