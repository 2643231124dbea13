namespace PocketSam.Datasets;

/// <summary>
/// Fills polygons given in pixel-edge coordinates. A pixel is inside if its centre is, by the even-odd rule; a seam
/// that is traversed in both directions encloses nothing.
/// </summary>
internal static class PolygonFill
{
    /// <summary>Adds a polygon to a mask.</summary>
    /// <param name="mask">The mask.</param>
    /// <param name="corners">At least three corners, finite, in pixels.</param>
    public static void Add(BinaryMask mask, IReadOnlyList<(double X, double Y)> corners)
    {
        double top = corners.Min(corner => corner.Y), bottom = corners.Max(corner => corner.Y);
        int first = (int)Math.Clamp(Math.Ceiling(top - 0.5), 0, mask.Height), end = (int)Math.Clamp(Math.Ceiling(bottom - 0.5), 0, mask.Height);
        var crossings = new List<double>();
        for (int y = first; y < end; y++)
        {
            crossings.Clear();
            double middle = y + 0.5;
            for (int i = 0; i < corners.Count; i++)
            {
                (double X, double Y) a = corners[i], b = corners[(i + 1) % corners.Count];
                if (a.Y <= middle != b.Y <= middle)
                    crossings.Add(a.X + (middle - a.Y) * (b.X - a.X) / (b.Y - a.Y));
            }

            crossings.Sort();
            for (int i = 0; i + 1 < crossings.Count; i += 2)
            {
                int start = (int)Math.Clamp(Math.Ceiling(crossings[i] - 0.5), 0, mask.Width);
                int stop = (int)Math.Clamp(Math.Ceiling(crossings[i + 1] - 0.5), 0, mask.Width);
                if (stop > start)
                    mask.SetSpan(y, start, stop);
            }
        }
    }

    /// <summary>
    /// Whether there are at least three corners, all finite and less than a million pixels away from the origin.
    /// </summary>
    public static bool IsPolygon(IReadOnlyList<(double X, double Y)> corners)
        => corners.Count >= 3 && corners.All(corner => Math.Abs(corner.X) < 1e6 && Math.Abs(corner.Y) < 1e6);
}
