using System.Numerics;
using PocketSam.Training.Data.Effects;

namespace PocketSam.Training.Data.Scenes.Materials;

/// <summary>The look of a surface in even light: a pattern between two colours, with grain over it.</summary>
internal sealed record Texture(Texture.Pattern Kind, Color Low, Color High)
{
    internal enum Pattern { Plain, Gradient, Noise, Stripes, Checks, Dots }

    /// <summary>The place in the picture that the pattern is anchored to, in pixels.</summary>
    public Vector2 Origin { get; init; }

    /// <summary>Size in pixels of a stripe, a tile or a hill of noise; the length of a gradient.</summary>
    public float Scale { get; init; } = 1;

    /// <summary>Scale in the pattern's second direction relative to <see cref="Scale"/>.</summary>
    public float Stretch { get; init; } = 1;

    /// <summary>Rotation of the pattern in turns.</summary>
    public float Turns { get; init; }

    /// <summary>Share of the high colour, 0 to 1.</summary>
    public float Share { get; init; } = 0.5f;

    /// <summary>
    /// For stripes, how far noise bends them, in stripes; for noise, the sharpness of the transition between the
    /// colours.
    /// </summary>
    public float Wildness { get; init; }

    /// <summary>Strength of the grain as a fraction of the light.</summary>
    public float Grain { get; init; }

    /// <summary>Size of a grain in pixels.</summary>
    public float GrainScale { get; init; } = 1;

    /// <summary>Seed of the noise.</summary>
    public uint Seed { get; init; }

    /// <summary>A texture of one colour.</summary>
    public static Texture Plain(Color color) => new(Pattern.Plain, color, color);

    /// <summary>Computes the colours of a row of pixels, starting at (x, y).</summary>
    public void Row(int x, int y, Span<float> red, Span<float> green, Span<float> blue)
    {
        float cos = PortableMath.CosTurns(Turns), sin = PortableMath.SinTurns(Turns), down = y + 0.5f - Origin.Y;
        for (int i = 0; i < red.Length; i++)
        {
            float across = x + i + 0.5f - Origin.X;
            float value = Value((cos * across + sin * down) / Scale, (cos * down - sin * across) / (Scale * Stretch));
            float light = Grain == 0 ? 1 : 1 + Grain * (2 * Noise(across / GrainScale, down / GrainScale, ~Seed) - 1);
            red[i] = (Low.R + (High.R - Low.R) * value) * light;
            green[i] = (Low.G + (High.G - Low.G) * value) * light;
            blue[i] = (Low.B + (High.B - Low.B) * value) * light;
        }
    }

    /// <summary>The pattern's value: 0 for the low colour to 1 for the high one.</summary>
    private float Value(float u, float v)
    {
        switch (Kind)
        {
            case Pattern.Gradient:
                return Math.Clamp(u + 0.5f, 0, 1);
            case Pattern.Noise:
                float height = 0.6f * Noise(u, v, Seed) + 0.28f * Noise(2.3f * u, 2.3f * v, Seed + 1)
                    + 0.12f * Noise(5.1f * u, 5.1f * v, Seed + 2);
                return Math.Clamp((height - (1 - Share)) * (1.5f + 8 * Wildness) + 0.5f, 0, 1);
            case Pattern.Stripes:
                return Step(0.5f * Share - ToMiddle(u + Wildness * (Noise(0.4f * u, 0.4f * v, Seed) - 0.5f)));
            case Pattern.Checks:
                float columns = Step(0.25f - ToMiddle(u)), rows = Step(0.25f - ToMiddle(v));
                return columns + rows - 2 * columns * rows;
            case Pattern.Dots:
                float dx = ToMiddle(u + 0.5f * ((int)MathF.Floor(v) & 1)), dy = ToMiddle(v);
                return Step(0.45f * Share + 0.1f - MathF.Sqrt(dx * dx + dy * dy));
            default:
                return 0;
        }
    }

    /// <summary>A step at 0 with a ramp of about a pixel, against aliasing.</summary>
    private float Step(float value) => Math.Clamp(value * Scale / 1.2f + 0.5f, 0, 1);

    /// <summary>Distance, 0 to 0.5, from the middle of the unit interval that contains the place.</summary>
    private static float ToMiddle(float place) => Math.Abs(place - MathF.Floor(place) - 0.5f);

    /// <summary>Value noise: random values at integer coordinates, smoothly interpolated; 0 to 1.</summary>
    private static float Noise(float u, float v, uint seed)
    {
        float left = MathF.Floor(u), top = MathF.Floor(v), s = u - left, t = v - top;
        int x = (int)left, y = (int)top;
        s *= s * (3 - 2 * s);
        t *= t * (3 - 2 * t);
        float above = Hash(x, y, seed), below = Hash(x, y + 1, seed);
        above += (Hash(x + 1, y, seed) - above) * s;
        below += (Hash(x + 1, y + 1, seed) - below) * s;
        return above + (below - above) * t;
    }

    private static float Hash(int x, int y, uint seed)
    {
        uint hash = (uint)x * 0x9E3779B1u ^ (uint)y * 0x85EBCA77u ^ seed * 0xC2B2AE3Du;
        hash = (hash ^ hash >> 15) * 0x2C1B3C6Du;
        hash = (hash ^ hash >> 12) * 0x297A2D39u;
        return (hash >> 16) * (1f / 65536);
    }
}
