using System.Numerics;
using PocketSam.Training.Data.Effects;

namespace PocketSam.Training.Data.Scenes.Shapes;

/// <summary>
/// Maps a thing's own coordinates to the picture: x and y from -1 to 1 span the thing, y points down.
/// </summary>
/// <param name="Origin">The middle, in pixels.</param>
/// <param name="Across">One unit of x in pixels.</param>
/// <param name="Along">One unit of y in pixels.</param>
internal readonly record struct Frame(Vector2 Origin, Vector2 Across, Vector2 Along)
{
    /// <summary>The picture's own coordinates.</summary>
    public static Frame Pixels { get; } = new(Vector2.Zero, Vector2.UnitX, Vector2.UnitY);

    /// <summary>Mean length in pixels of one unit of the thing's coordinates.</summary>
    public float Unit => 0.5f * (Length(Across) + Length(Along));

    /// <summary>
    /// A frame centred at (x, y) with the given half sizes in pixels, rotated clockwise by an angle in turns.
    /// </summary>
    public static Frame At(float x, float y, float halfWidth, float halfHeight, float turns = 0)
    {
        float cos = PortableMath.CosTurns(turns), sin = PortableMath.SinTurns(turns);
        return new Frame(new Vector2(x, y), new Vector2(cos, sin) * halfWidth, new Vector2(-sin, cos) * halfHeight);
    }

    /// <summary>The frame with left and right exchanged.</summary>
    public Frame Mirrored() => this with { Across = -Across };

    /// <summary>Maps a point to pixel coordinates.</summary>
    public Vector2 Map(float x, float y) => Origin + Across * x + Along * y;

    // Not Vector2.Length, whose sum may be fused on some machines and then rounds differently.
    public static float Length(Vector2 vector) => MathF.Sqrt(vector.X * vector.X + vector.Y * vector.Y);
}
