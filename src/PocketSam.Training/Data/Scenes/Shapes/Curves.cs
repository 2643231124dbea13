using System.Numerics;
using PocketSam.Training.Data.Effects;

namespace PocketSam.Training.Data.Scenes.Shapes;

/// <summary>Smooth curves as lists of points.</summary>
internal static class Curves
{
    private const int StepsPerPoint = 5;
    private const int BlobPoints = 64;

    /// <summary>A closed Catmull-Rom curve through the points.</summary>
    public static Vector2[] Closed(ReadOnlySpan<Vector2> through)
    {
        Vector2[] curve = new Vector2[through.Length * StepsPerPoint];
        for (int i = 0; i < through.Length; i++)
        {
            Vector2 before = through[(i + through.Length - 1) % through.Length];
            Vector2 next = through[(i + 1) % through.Length];
            Vector2 after = through[(i + 2) % through.Length];
            for (int step = 0; step < StepsPerPoint; step++)
                curve[i * StepsPerPoint + step] = CatmullRom(
                    before, through[i], next, after, (float)step / StepsPerPoint);
        }

        return curve;
    }

    /// <summary>An open Catmull-Rom curve through the points, from the first to the last.</summary>
    public static Vector2[] Open(ReadOnlySpan<Vector2> through)
    {
        int last = through.Length - 1;
        Vector2[] curve = new Vector2[last * StepsPerPoint + 1];
        for (int i = 0; i < last; i++)
        {
            Vector2 before = through[Math.Max(i - 1, 0)];
            Vector2 after = through[Math.Min(i + 2, last)];
            for (int step = 0; step < StepsPerPoint; step++)
            {
                curve[i * StepsPerPoint + step] =
                    CatmullRom(before, through[i], through[i + 1], after, (float)step / StepsPerPoint);
            }
        }

        curve[^1] = through[last];
        return curve;
    }

    /// <summary>A walk of <paramref name="points"/> points between two ends, bent sideways at random.</summary>
    public static Vector2[] Wandering(Vector2 from, Vector2 to, int points, float bend, RandomStream random)
    {
        Span<Vector2> through = stackalloc Vector2[points];
        Vector2 way = to - from;
        Vector2 side = new(-way.Y, way.X);
        for (int i = 0; i < points; i++)
        {
            float at = (float)i / (points - 1);
            float off = i == 0 || i == points - 1 ? 0 : random.Normal() * bend;
            through[i] = from + way * at + side * off;
        }

        return Open(through);
    }

    /// <summary>An ellipse whose radius is multiplied by a sum of random waves of falling strength.</summary>
    public static Vector2[] Blob(Vector2 center, Vector2 radius, float roughness, RandomStream random)
    {
        const int Waves = 7;
        Span<float> strengths = stackalloc float[Waves];
        Span<float> phases = stackalloc float[Waves];
        float falloff = random.Uniform(0.8f, 1.8f);
        for (int wave = 0; wave < Waves; wave++)
        {
            strengths[wave] = 0.42f * roughness * random.Normal() / (float)PortableMath.Pow(wave + 1, falloff);
            phases[wave] = random.NextFloat();
        }

        Vector2[] points = new Vector2[BlobPoints];
        for (int i = 0; i < BlobPoints; i++)
        {
            float turns = (float)i / BlobPoints;
            float factor = 1;
            for (int wave = 0; wave < Waves; wave++)
                factor += strengths[wave] * PortableMath.SinTurns((wave + 2) * turns + phases[wave]);
            factor = Math.Clamp(factor, 0.25f, 1.5f);
            points[i] = center + new Vector2(
                radius.X * factor * PortableMath.CosTurns(turns), radius.Y * factor * PortableMath.SinTurns(turns));
        }

        return points;
    }

    private static Vector2 CatmullRom(Vector2 before, Vector2 from, Vector2 to, Vector2 after, float at)
        => (from * 2 + (to - before) * at + (before * 2 - from * 5 + to * 4 - after) * (at * at)
            + (from * 3 - before - to * 3 + after) * (at * at * at)) * 0.5f;
}
