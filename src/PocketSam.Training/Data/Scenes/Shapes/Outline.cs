using System.Numerics;
using PocketSam.Training.Data.Effects;

namespace PocketSam.Training.Data.Scenes.Shapes;

/// <summary>
/// Closed contours in pixels, filled where the winding number is not zero: added shapes unite, holes cut. Coordinates
/// given to the methods are those of the frame.
/// </summary>
internal sealed class Outline(Frame frame)
{
    // A line thinner than this would miss pixel centres and break up.
    private const float MinHalfWidth = 0.6f;

    private readonly List<Vector2> _points = [];
    private readonly List<int> _ends = [];

    /// <summary>All contours one after the other.</summary>
    public List<Vector2> Points => _points;

    /// <summary>For each contour the index after its last point.</summary>
    public List<int> Ends => _ends;

    public Outline Polygon(params ReadOnlySpan<Vector2> corners) => Add(corners, hole: false);

    public Outline PolygonHole(params ReadOnlySpan<Vector2> corners) => Add(corners, hole: true);

    public Outline Box(float left, float top, float right, float bottom) => Polygon(Corners(left, top, right, bottom));

    public Outline BoxHole(float left, float top, float right, float bottom)
        => PolygonHole(Corners(left, top, right, bottom));

    public Outline RoundedBox(float left, float top, float right, float bottom, float radius)
    {
        const int Steps = 5;
        radius = Math.Min(radius, 0.5f * Math.Min(right - left, bottom - top));
        Span<Vector2> corners = stackalloc Vector2[4 * (Steps + 1)];
        for (int i = 0; i < corners.Length; i++)
        {
            int corner = i / (Steps + 1);
            float turns = 0.25f * (corner + (float)(i % (Steps + 1)) / Steps);
            float centerX = corner is 0 or 3 ? right - radius : left + radius;
            float centerY = corner < 2 ? bottom - radius : top + radius;
            corners[i] = new Vector2(
                centerX + radius * PortableMath.CosTurns(turns), centerY + radius * PortableMath.SinTurns(turns));
        }

        return Polygon(corners);
    }

    public Outline Ellipse(float x, float y, float radiusX, float radiusY)
        => Add(Arc(x, y, radiusX, radiusY, 0, 1, Segments(radiusX, radiusY)), hole: false);

    public Outline EllipseHole(float x, float y, float radiusX, float radiusY)
        => Add(Arc(x, y, radiusX, radiusY, 0, 1, Segments(radiusX, radiusY)), hole: true);

    /// <summary>
    /// The part of an ellipse between two angles, closed by its chord; angles in turns, clockwise from the right.
    /// </summary>
    public Outline EllipseSlice(float x, float y, float radiusX, float radiusY, float from, float to)
        => Add(Arc(x, y, radiusX, radiusY, from, to, Segments(radiusX, radiusY)), hole: false);

    /// <summary>A closed smooth curve through the points (Catmull-Rom).</summary>
    public Outline Smooth(params ReadOnlySpan<Vector2> through) => Add(Curves.Closed(through), hole: false);

    /// <summary>
    /// A closed curve whose distance from the centre varies by random waves; <paramref name="roughness"/> 0 is an
    /// ellipse, 1 is torn.
    /// </summary>
    public Outline Blob(float x, float y, float radiusX, float radiusY, float roughness, RandomStream random)
        => Add(Curves.Blob(new Vector2(x, y), new Vector2(radiusX, radiusY), roughness, random), hole: false);

    /// <summary>A line with round ends; its half width goes from one value to another, in the frame's units.</summary>
    public Outline Stroke(ReadOnlySpan<Vector2> along, float halfWidth, float endHalfWidth)
    {
        float unit = frame.Unit;
        Vector2 previous = default;
        float previousRadius = 0;
        for (int i = 0; i < along.Length; i++)
        {
            float at = along.Length == 1 ? 0 : (float)i / (along.Length - 1);
            float radius = Math.Max((halfWidth + (endHalfWidth - halfWidth) * at) * unit, MinHalfWidth);
            Vector2 point = frame.Map(along[i].X, along[i].Y);
            AddDisc(point, radius);
            if (i > 0)
                AddLink(previous, previousRadius, point, radius);
            (previous, previousRadius) = (point, radius);
        }

        return this;
    }

    /// <summary>A straight line with round ends.</summary>
    public Outline Line(float x0, float y0, float x1, float y1, float halfWidth)
        => Stroke([new Vector2(x0, y0), new Vector2(x1, y1)], halfWidth, halfWidth);

    /// <summary>Takes in another outline's contours.</summary>
    public Outline Append(Outline other)
    {
        foreach (int end in other._ends)
            _ends.Add(_points.Count + end);
        _points.AddRange(other._points);
        return this;
    }

    private static Vector2[] Corners(float left, float top, float right, float bottom)
        => [new(left, top), new(right, top), new(right, bottom), new(left, bottom)];

    private static Vector2[] Arc(float x, float y, float radiusX, float radiusY, float from, float to, int segments)
    {
        bool closed = to - from >= 1;
        Vector2[] points = new Vector2[closed ? segments : segments + 1];
        for (int i = 0; i < points.Length; i++)
        {
            float turns = from + (to - from) * i / segments;
            points[i] = new Vector2(
                x + radiusX * PortableMath.CosTurns(turns), y + radiusY * PortableMath.SinTurns(turns));
        }

        return points;
    }

    private int Segments(float radiusX, float radiusY)
    {
        float pixels = Math.Max(Math.Abs(radiusX), Math.Abs(radiusY)) * frame.Unit;
        return Math.Clamp((int)(6 + 3.5f * MathF.Sqrt(pixels)), 8, 96);
    }

    private void AddDisc(Vector2 center, float radius)
    {
        int segments = radius < 1.5f ? 6 : Math.Clamp((int)(5 + 3 * MathF.Sqrt(radius)), 8, 48);
        Span<Vector2> points = stackalloc Vector2[segments];
        for (int i = 0; i < segments; i++)
        {
            float turns = (float)i / segments;
            points[i] = center + new Vector2(PortableMath.CosTurns(turns), PortableMath.SinTurns(turns)) * radius;
        }

        AddPixels(points, hole: false);
    }

    private void AddLink(Vector2 from, float fromRadius, Vector2 to, float toRadius)
    {
        Vector2 way = to - from;
        float length = Frame.Length(way);
        if (length < 1e-3f)
            return;

        Vector2 side = new Vector2(-way.Y, way.X) * (1 / length);
        AddPixels(
            [from + side * fromRadius, to + side * toRadius, to - side * toRadius, from - side * fromRadius],
            hole: false);
    }

    private Outline Add(ReadOnlySpan<Vector2> points, bool hole)
    {
        Span<Vector2> pixels = points.Length <= 256 ? stackalloc Vector2[points.Length] : new Vector2[points.Length];
        for (int i = 0; i < points.Length; i++)
            pixels[i] = frame.Map(points[i].X, points[i].Y);
        AddPixels(pixels, hole);
        return this;
    }

    /// <summary>Filled contours all turn one way and holes the other, whatever the frame mirrors.</summary>
    private void AddPixels(ReadOnlySpan<Vector2> pixels, bool hole)
    {
        float twiceArea = 0;
        Vector2 previous = pixels[^1];
        foreach (Vector2 point in pixels)
        {
            twiceArea += previous.X * point.Y - previous.Y * point.X;
            previous = point;
        }

        int start = _points.Count;
        _points.AddRange(pixels);
        if (twiceArea < 0 != hole)
            _points.Reverse(start, pixels.Length);
        _ends.Add(_points.Count);
    }
}
