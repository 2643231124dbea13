using System.Numerics;
using PocketSam.Training.Data.Effects;

namespace PocketSam.Training.Data.Scenes.Shapes;

/// <summary>
/// Where a thing's own coordinates lie in the picture: x and y from -1 to 1 span the thing, y points down. The tilt
/// shrinks what lies on its positive side, as perspective does.
/// </summary>
internal readonly record struct Frame(Vector2 Origin, Vector2 Across, Vector2 Along, Vector2 Tilt)
{
    /// <summary>Mean length in pixels of a unit of the thing's own coordinates.</summary>
    public float Unit => 0.5f * (Length(Across) + Length(Along));

    public static Frame Upright(float x, float y, float halfWidth, float halfHeight)
        => new(new Vector2(x, y), new Vector2(halfWidth, 0), new Vector2(0, halfHeight), Vector2.Zero);

    public static Frame Turned(float x, float y, float halfWidth, float halfHeight, float turns)
    {
        float cos = PortableMath.CosTurns(turns), sin = PortableMath.SinTurns(turns);
        return new Frame(
            new Vector2(x, y), new Vector2(cos, sin) * halfWidth, new Vector2(-sin, cos) * halfHeight, Vector2.Zero);
    }

    public Frame Mirrored() => this with { Across = -Across, Tilt = new Vector2(-Tilt.X, Tilt.Y) };

    /// <summary>Width over height in pixels.</summary>
    public float Aspect => Length(Across) / Math.Max(Length(Along), 1e-3f);

    /// <summary>
    /// With units across as long as those along, so that circles are round: x then spans the aspect either way.
    /// </summary>
    public Frame Square() => this with { Across = Across * (1 / Math.Max(Aspect, 1e-3f)) };

    /// <summary>The frame of a detail: its centre and half sizes in this frame's coordinates.</summary>
    public Frame Inner(float x, float y, float halfWidth, float halfHeight, float turns = 0)
    {
        float cos = PortableMath.CosTurns(turns), sin = PortableMath.SinTurns(turns);
        float shrink = 1 / (1 + Tilt.X * x + Tilt.Y * y);
        return new Frame(
            Map(x, y),
            (Across * (cos * halfWidth) + Along * (sin * halfWidth)) * shrink,
            (Along * (cos * halfHeight) - Across * (sin * halfHeight)) * shrink,
            new Vector2(Tilt.X * halfWidth, Tilt.Y * halfHeight) * shrink);
    }

    /// <summary>The pixel coordinates of a point.</summary>
    public Vector2 Map(float x, float y)
        => Origin + (Across * x + Along * y) * (1 / (1 + Tilt.X * x + Tilt.Y * y));

    // Not Vector2.Length, whose sum may be fused on some machines.
    public static float Length(Vector2 vector) => MathF.Sqrt(vector.X * vector.X + vector.Y * vector.Y);
}
