namespace PocketSam.Segmentation.Everything;

/// <summary>The centres of the cells of a regular grid (segment_anything/utils/amg.py, build_point_grid).</summary>
internal static class PointGrid
{
    /// <summary>The points of a picture row by row, in pixels.</summary>
    public static List<(double X, double Y)> Of(int perSide, int width, int height)
    {
        List<(double, double)> points = new(perSide * perSide);
        for (int y = 0; y < perSide; y++)
        {
            for (int x = 0; x < perSide; x++)
                points.Add(((x + 0.5) / perSide * width, (y + 0.5) / perSide * height));
        }

        return points;
    }
}
