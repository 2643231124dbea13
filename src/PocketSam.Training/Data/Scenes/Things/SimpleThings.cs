using System.Numerics;
using PocketSam.Training.Data.Effects;

namespace PocketSam.Training.Data.Scenes.Things;

/// <summary>Things of a single shape, some with a hole, some thin.</summary>
internal static class SimpleThings
{
    public static void Ellipse(Draft draft) => draft.Add(draft.Outline.Ellipse(0, 0, 1, 1), bulge: 1);

    /// <summary>A smooth closed curve: a stone, a puddle, an amoeba.</summary>
    public static void Blob(Draft draft) => draft.Add(draft.Outline.Smooth(Round(draft.Random, draft.Random.Between(5, 14), 0.5f)));

    /// <summary>An irregular polygon.</summary>
    public static void Polygon(Draft draft)
        => draft.Add(draft.Outline.Polygon(Round(draft.Random, draft.Random.Between(3, 8), 0.9f)), 0.2f);

    /// <summary>A box, with or without a band: a book, a parcel, a door.</summary>
    public static void Box(Draft draft)
    {
        draft.Add(draft.Outline.Box(-1, -1, 1, 1), 0.3f);
        float top = draft.Random.Uniform(-0.8f, 0.2f);
        if (draft.Random.Chance(0.4f))
            draft.Add(draft.Outline.Box(-1, top, 1, top + 0.5f), draft.Palette.Next());
    }

    public static void Ring(Draft draft)
    {
        float inner = draft.Random.Uniform(0.4f, 0.85f);
        draft.Add(draft.Outline.Ellipse(0, 0, 1, 1).Ellipse(0, 0, inner, inner, isHole: true));
    }

    /// <summary>A rope, a twig, a worm.</summary>
    public static void Stroke(Draft draft)
    {
        var points = new Vector2[16];
        float bend = draft.Random.Uniform(0.1f, 0.7f), phase = draft.Random.NextFloat(), waves = draft.Random.Uniform(0.3f, 1.2f);
        for (int i = 0; i < points.Length; i++)
            points[i] = new Vector2(-0.9f + 0.12f * i, bend * PortableMath.SinTurns(waves * i / 15 + phase));
        float start = draft.Random.Uniform(0.02f, 0.15f);
        draft.Add(draft.Outline.Stroke(points, start, start * draft.Random.Uniform(0.2f, 1)));
    }

    /// <summary>Several balls as one thing: grapes, bubbles, a bush.</summary>
    public static void Cluster(Draft draft)
    {
        for (int i = draft.Random.Between(3, 9); i > 0; i--)
        {
            float radius = draft.Random.Uniform(0.25f, 0.45f);
            float x = draft.Random.Uniform(-0.55f, 0.55f), y = draft.Random.Uniform(-0.55f, 0.55f);
            draft.Add(draft.Outline.Ellipse(x, y, radius, radius), bulge: 1);
        }
    }

    /// <summary>Points around the middle, at distances from <paramref name="nearest"/> to 1.</summary>
    private static Vector2[] Round(RandomStream random, int count, float nearest)
    {
        var points = new Vector2[count];
        for (int i = 0; i < count; i++)
        {
            float turns = (i + random.Uniform(-0.25f, 0.25f)) / count;
            points[i] = new Vector2(PortableMath.CosTurns(turns), PortableMath.SinTurns(turns)) * random.Uniform(nearest, 1);
        }

        return points;
    }
}
