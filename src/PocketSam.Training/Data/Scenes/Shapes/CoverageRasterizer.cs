using System.Numerics;

namespace PocketSam.Training.Data.Scenes.Shapes;

/// <summary>
/// Rasterizes outlines: the covered fraction of each pixel, and whether its centre is inside. Each pixel row is swept
/// at five heights, the middle one through the pixel centres; coverage along a sweep is exact. Buffers are reused: use
/// one rasterizer for each thread, and a result only until the next call.
/// </summary>
internal sealed class CoverageRasterizer(int width, int height)
{
    private const int Sweeps = 5, MiddleSweep = Sweeps / 2;

    private readonly float[] _alpha = new float[width * height];
    private readonly byte[] _inside = new byte[width * height];
    private readonly List<(int Line, float X, int Winding)> _crossings = [];

    /// <summary>The outline's bounding box in pixels, including its parts outside of the picture.</summary>
    public (Vector2 Low, Vector2 High) Bounds { get; private set; }

    /// <summary>
    /// The left edge of the bounding box clipped to the picture, in pixels; the following properties are its other
    /// dimensions.
    /// </summary>
    public int Left { get; private set; }

    public int Top { get; private set; }

    public int Width { get; private set; }

    public int Height { get; private set; }

    /// <summary>Covered fractions of the pixels in row <paramref name="y"/> of the clipped box.</summary>
    public Span<float> AlphaRow(int y) => _alpha.AsSpan(y * Width, Width);

    /// <summary>1 for each pixel of the row whose centre is inside, else 0.</summary>
    public Span<byte> InsideRow(int y) => _inside.AsSpan(y * Width, Width);

    /// <summary>Rasterizes an outline; false if no part of it is in the picture.</summary>
    /// <param name="outline">An outline with at least one contour.</param>
    /// <param name="antialias">
    /// If false, a pixel is covered completely if its centre is inside, else not at all.
    /// </param>
    public bool Fill(Outline outline, bool antialias)
    {
        if (!SetBox(outline.Points))
            return false;

        int pixels = Width * Height;
        _alpha.AsSpan(0, pixels).Clear();
        _inside.AsSpan(0, pixels).Clear();
        FindCrossings(outline);
        int winding = 0;
        float from = 0;
        foreach ((int line, float x, int turn) in _crossings)
        {
            if (winding == 0)
                from = x;
            winding += turn;
            if (winding == 0)
                AddSpan(line, Math.Clamp(from - Left, 0, Width), Math.Clamp(x - Left, 0, Width));
        }

        for (int i = 0; i < pixels; i++)
            _alpha[i] = antialias ? Math.Min(_alpha[i] * (1f / Sweeps), 1) : _inside[i];
        return true;
    }

    private bool SetBox(List<Vector2> points)
    {
        Vector2 low = new(float.MaxValue), high = new(float.MinValue);
        foreach (Vector2 point in points)
            (low, high) = (Vector2.Min(low, point), Vector2.Max(high, point));
        Bounds = (low, high);
        Left = (int)Math.Clamp(MathF.Floor(low.X), 0, width);
        Top = (int)Math.Clamp(MathF.Floor(low.Y), 0, height);
        Width = (int)Math.Clamp(MathF.Ceiling(high.X), 0, width) - Left;
        Height = (int)Math.Clamp(MathF.Ceiling(high.Y), 0, height) - Top;
        return Width > 0 && Height > 0;
    }

    /// <summary>
    /// Finds where the contours cross the sweeps, sorted by sweep and from left to right. The windings of a sweep add
    /// up to 0.
    /// </summary>
    private void FindCrossings(Outline outline)
    {
        _crossings.Clear();
        int start = 0;
        foreach (int end in outline.Ends)
        {
            Vector2 previous = outline.Points[end - 1];
            for (; start < end; start++)
            {
                Cross(previous, outline.Points[start]);
                previous = outline.Points[start];
            }
        }

        _crossings.Sort();
    }

    private void Cross(Vector2 from, Vector2 to)
    {
        int winding = from.Y < to.Y ? 1 : -1;
        (Vector2 upper, Vector2 lower) = winding > 0 ? (from, to) : (to, from);

        // Lines whose height (line + 0.5) / Sweeps is in [upper.Y, lower.Y)
        int first = (int)MathF.Ceiling(Math.Max(upper.Y * Sweeps - 0.5f, Top * Sweeps));
        int end = (int)MathF.Ceiling(Math.Min(lower.Y * Sweeps - 0.5f, (Top + Height) * Sweeps));
        if (first >= end)
            return;
        float perLine = (lower.X - upper.X) / ((lower.Y - upper.Y) * Sweeps);
        for (int line = first; line < end; line++)
            _crossings.Add((line, upper.X + (line - (upper.Y * Sweeps - 0.5f)) * perLine, winding));
    }

    /// <summary>Covers the pixels between two places of a sweep, both within the box.</summary>
    private void AddSpan(int line, float from, float to)
    {
        if (from >= to)
            return;
        int y = line / Sweeps - Top;
        if (line % Sweeps == MiddleSweep)
            InsideRow(y)[(int)MathF.Ceiling(from - 0.5f)..(int)MathF.Ceiling(to - 0.5f)].Fill(1);
        Span<float> alpha = AlphaRow(y);
        for (int x = (int)from; x < Math.Min(to, Width); x++)
            alpha[x] += Math.Min(to, x + 1) - Math.Max(from, x);
    }
}
