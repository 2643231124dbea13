using System.Numerics;
using PocketSam.Training.Data.Effects;
using PocketSam.Training.Data.Scenes.Materials;
using PocketSam.Training.Data.Scenes.Painting;
using PocketSam.Training.Data.Scenes.Shapes;

namespace PocketSam.Training.Data.Scenes.Things;

/// <summary>Things of one piece.</summary>
internal static class PlainThings
{
    public static Thing Ellipse(Stage stage, Frame frame)
        => Single(stage, frame, new Outline(frame).Ellipse(0, 0, 1, 1));

    public static Thing Blob(Stage stage, Frame frame)
        => Single(stage, frame, new Outline(frame).Blob(0, 0, 0.85f, 0.85f, stage.Random.NextFloat(), stage.Random));

    /// <summary>Corners on an ellipse: triangles to near circles, always convex.</summary>
    public static Thing Convex(Stage stage, Frame frame)
    {
        RandomStream random = stage.Random;
        int corners = random.Between(3, 9);
        float start = random.NextFloat();
        Span<Vector2> points = stackalloc Vector2[corners];
        for (int i = 0; i < corners; i++)
        {
            float turns = start + (i + random.Uniform(-0.3f, 0.3f)) / corners;
            points[i] = new Vector2(PortableMath.CosTurns(turns), PortableMath.SinTurns(turns));
        }

        return Single(stage, frame, new Outline(frame).Polygon(points));
    }

    /// <summary>Corners near and far in turn: regular stars, splashes, shards.</summary>
    public static Thing Star(Stage stage, Frame frame)
    {
        RandomStream random = stage.Random;
        int rays = random.Between(3, 10);
        float inner = random.Uniform(0.25f, 0.75f);
        float disorder = random.Chance(0.5f) ? 0 : random.Uniform(0.1f, 0.45f);
        Span<Vector2> points = stackalloc Vector2[2 * rays];
        for (int i = 0; i < points.Length; i++)
        {
            float radius = (i % 2 == 0 ? 1 : inner) * (1 - disorder * random.NextFloat());
            float turns = -0.25f + (i + disorder * random.Uniform(-0.5f, 0.5f)) / points.Length;
            points[i] = new Vector2(PortableMath.CosTurns(turns), PortableMath.SinTurns(turns)) * radius;
        }

        Outline outline = new(frame);
        return Single(stage, frame, random.Chance(0.3f) ? outline.Smooth(points) : outline.Polygon(points));
    }

    public static Thing Quad(Stage stage, Frame frame)
    {
        RandomStream random = stage.Random;
        Frame tilted = frame with { Tilt = new Vector2(random.Uniform(-0.35f, 0.35f), random.Uniform(-0.35f, 0.35f)) };
        return Single(stage, tilted, new Outline(tilted).Box(-0.9f, -0.9f, 0.9f, 0.9f));
    }

    public static Thing RoundedBox(Stage stage, Frame frame)
        => Single(stage, frame, new Outline(frame).RoundedBox(-1, -1, 1, 1, stage.Random.Uniform(0.1f, 0.9f)));

    /// <summary>Half a disc, a moon or a bite.</summary>
    public static Thing Crescent(Stage stage, Frame frame)
    {
        float from = stage.Random.NextFloat();
        Outline outline = new(frame);
        if (stage.Random.Chance(0.5f))
            return Single(stage, frame,
                outline.EllipseSlice(0, 0, 1, 1, from, from + stage.Random.Uniform(0.3f, 0.8f)));

        const int Points = 12;
        float bite = stage.Random.Uniform(-0.2f, 0.6f);
        Vector2[] rim = new Vector2[2 * Points];
        for (int i = 0; i < Points; i++)
        {
            float turns = 0.5f * i / (Points - 1);
            float cos = PortableMath.CosTurns(turns), sin = PortableMath.SinTurns(turns);
            rim[i] = new Vector2(cos, sin - 0.5f);
            rim[2 * Points - 1 - i] = new Vector2(0.98f * cos, bite * sin - 0.5f);
        }

        return Single(stage, frame, outline.Polygon(rim));
    }

    /// <summary>Several lumps that make one thing: a stone, a cloud, a bush.</summary>
    public static Thing Cluster(Stage stage, Frame frame)
    {
        RandomStream random = stage.Random;
        Outline outline = new(frame);
        int lumps = random.Between(3, 9);
        float size = random.Uniform(0.35f, 0.6f);
        for (int i = 0; i < lumps; i++)
        {
            float turns = random.NextFloat(), reach = (1 - size) * MathF.Sqrt(random.NextFloat());
            outline.Ellipse(
                reach * PortableMath.CosTurns(turns), reach * PortableMath.SinTurns(turns),
                size * random.Uniform(0.6f, 1),
                size * random.Uniform(0.6f, 1));
        }

        return Single(stage, frame, outline);
    }

    private static Thing Single(Stage stage, Frame frame, Outline outline)
    {
        MaterialRecipe coat = stage.NextCoat(frame);
        Thing thing = new Thing().With(stage.Wear(frame, outline, coat, stage.AnyRelief()));
        if (stage.Random.Chance(0.5f))
            thing.Shadow = stage.DropShadow(2 * frame.Unit);
        return thing;
    }
}
