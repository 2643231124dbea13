using System.Numerics;
using PocketSam.Training.Data.Effects;

namespace PocketSam.Training.Data.Scenes.Shapes;

/// <summary>
/// Closed contours in pixels, filled by the nonzero winding rule: added shapes unite, holes cut. The methods take
/// coordinates of the frame.
/// </summary>
internal sealed class Outline(Frame frame)
{
    /// <summary>Least half width of a line in pixels; a thinner line would miss pixel centres and break up.</summary>
    private const float MinHalfWidth = 0.6f;

    private const int StepsPerPoint = 5;

    /// <summary>The points of all contours in sequence.</summary>
    public List<Vector2> Points { get; } = [];

    /// <summary>For each contour the index after its last point.</summary>
    public List<int> Ends { get; } = [];

    public Outline Polygon(params ReadOnlySpan<Vector2> corners) => Add(corners, isHole: false);

    public Outline Box(float left, float top, float right, float bottom, bool isHole = false)
        => Add([new(left, top), new(right, top), new(right, bottom), new(left, bottom)], isHole);

    public Outline Ellipse(float x, float y, float radiusX, float radiusY, bool isHole = false)
    {
        int segments = Math.Clamp((int)(6 + 3.5f * MathF.Sqrt(Math.Max(radiusX, radiusY) * frame.Unit)), 8, 96);
        var points = new Vector2[segments];
        for (int i = 0; i < segments; i++)
        {
            float turns = (float)i / segments;
            points[i] = new Vector2(x + radiusX * PortableMath.CosTurns(turns), y + radiusY * PortableMath.SinTurns(turns));
        }

        return Add(points, isHole);
    }

    /// <summary>A closed smooth curve through the points (Catmull-Rom).</summary>
    public Outline Smooth(params ReadOnlySpan<Vector2> through)
    {
        var curve = new Vector2[through.Length * StepsPerPoint];
        for (int i = 0; i < curve.Length; i++)
        {
            int from = i / StepsPerPoint;
            Vector2 a = through[(from + through.Length - 1) % through.Length], b = through[from];
            Vector2 c = through[(from + 1) % through.Length], d = through[(from + 2) % through.Length];
            float t = (float)(i % StepsPerPoint) / StepsPerPoint;
            curve[i] = (b * 2 + (c - a) * t + (a * 2 - b * 5 + c * 4 - d) * (t * t) + (b * 3 - a - c * 3 + d) * (t * t * t)) * 0.5f;
        }

        return Add(curve, isHole: false);
    }

    /// <summary>A line whose half width changes linearly, in the frame's units.</summary>
    public Outline Stroke(ReadOnlySpan<Vector2> along, float halfWidth, float endHalfWidth)
    {
        var sides = new Vector2[2 * along.Length];
        for (int i = 0; i < along.Length; i++)
        {
            float radius = (halfWidth + (endHalfWidth - halfWidth) * i / (along.Length - 1)) * frame.Unit;
            Vector2 before = along[Math.Max(i - 1, 0)], after = along[Math.Min(i + 1, along.Length - 1)];
            Vector2 point = frame.Map(along[i].X, along[i].Y), way = frame.Map(after.X, after.Y) - frame.Map(before.X, before.Y);
            Vector2 side = new Vector2(-way.Y, way.X) * (Math.Max(radius, MinHalfWidth) / Frame.Length(way));
            (sides[i], sides[^(i + 1)]) = (point + side, point - side);
        }

        AddPixels(sides, isHole: false);
        return this;
    }

    private Outline Add(ReadOnlySpan<Vector2> points, bool isHole)
    {
        var pixels = new Vector2[points.Length];
        for (int i = 0; i < points.Length; i++)
            pixels[i] = frame.Map(points[i].X, points[i].Y);
        AddPixels(pixels, isHole);
        return this;
    }

    /// <summary>Adds a contour. Filled contours turn one way and holes the other, even if the frame mirrors.</summary>
    private void AddPixels(ReadOnlySpan<Vector2> pixels, bool isHole)
    {
        float twiceArea = 0;
        Vector2 previous = pixels[^1];
        foreach (Vector2 point in pixels)
        {
            twiceArea += previous.X * point.Y - previous.Y * point.X;
            previous = point;
        }

        int start = Points.Count;
        Points.AddRange(pixels);
        if (twiceArea < 0 != isHole)
            Points.Reverse(start, pixels.Length);
        Ends.Add(Points.Count);
    }
}
