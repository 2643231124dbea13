using System.Numerics;
using PocketSam.Training.Data.Effects;
using PocketSam.Training.Data.Scenes.Painting;
using PocketSam.Training.Data.Scenes.Shapes;

namespace PocketSam.Training.Data.Scenes.Things;

/// <summary>Long and narrow things.</summary>
internal static class ThinThings
{
    /// <summary>A bent stroke: a cable, a stick, a worm, a ribbon.</summary>
    public static Thing Stroke(Stage stage, Frame frame)
    {
        RandomStream random = stage.Random;
        float width = random.LogUniform(0.02f, 0.15f);
        Vector2[] path = Curves.Wandering(new Vector2(-0.95f, 0), new Vector2(0.95f, 0), 5, 0.25f, random);
        return Single(stage, frame, new Outline(frame).Stroke(path, width, width * random.Uniform(0.2f, 1)));
    }

    public static Thing Stick(Stage stage, Frame frame)
    {
        float width = stage.Random.LogUniform(0.02f, 0.12f);
        return Single(
            stage, frame,
            new Outline(frame).Stroke(
                [new Vector2(-0.95f, 0), new Vector2(0.95f, 0)], width, width * stage.Random.Uniform(0.3f, 1)));
    }

    public static Thing Spiral(Stage stage, Frame frame)
    {
        RandomStream random = stage.Random;
        float rounds = random.Uniform(1.2f, 3.2f);
        Vector2[] path = new Vector2[(int)(rounds * 14)];
        for (int i = 0; i < path.Length; i++)
        {
            float at = (float)i / (path.Length - 1);
            path[i] = new Vector2(PortableMath.CosTurns(at * rounds), PortableMath.SinTurns(at * rounds)) * (
                0.15f + 0.78f * at);
        }

        float width = random.Uniform(0.04f, 0.4f / rounds);
        return Single(stage, frame, new Outline(frame).Stroke(path, width * 0.5f, width * 0.5f));
    }

    /// <summary>A branch that forks, from the bottom up.</summary>
    public static Thing Branch(Stage stage, Frame frame)
    {
        Outline outline = new(frame);
        float width = stage.Random.Uniform(0.025f, 0.08f);
        Fork(stage.Random, outline, new Vector2(0, 1), new Vector2(0, -0.75f), width, depth: 4);
        return Single(stage, frame, outline);
    }

    /// <summary>Blades from one root: grass, a brush, a feather tuft.</summary>
    public static Thing Tuft(Stage stage, Frame frame)
    {
        RandomStream random = stage.Random;
        Outline outline = new(frame);
        int blades = random.Between(4, 12);
        for (int i = 0; i < blades; i++)
        {
            Vector2 tip = new(random.Uniform(-0.95f, 0.95f), random.Uniform(-1, -0.3f));
            Vector2 middle = new(tip.X * 0.35f, tip.Y * 0.3f + 0.2f);
            outline.Stroke(Curves.Open([new Vector2(tip.X * 0.1f, 1), middle, tip]), random.Uniform(0.03f, 0.08f),
                0.005f);
        }

        return Single(stage, frame, outline);
    }

    /// <summary>A pole with something at its end: a lamp, a sign, a lollipop, a spoon.</summary>
    public static Thing Pole(Stage stage, Frame frame)
    {
        RandomStream random = stage.Random;
        float headWidth = random.Uniform(0.3f, 0.95f), headHeight = random.Uniform(0.15f, 0.4f);
        Outline head = new(frame);
        if (random.Chance(0.5f))
            head.Ellipse(0, -1 + headHeight, headWidth, headHeight);
        else
            head.RoundedBox(-headWidth, -1, headWidth, -1 + 2 * headHeight, 0.1f);
        Thing thing = new Thing()
            .With(stage.Wear(
                frame, new Outline(frame)
                    .Line(0, -0.6f, 0, 1, random.Uniform(0.04f, 0.14f)), stage.Palette.Next(), stage.Round()))
            .With(stage.Wear(frame, head, stage.NextCoat(frame), stage.AnyRelief()));
        return thing;
    }

    private static void Fork(RandomStream random, Outline outline, Vector2 from, Vector2 way, float width, int depth)
    {
        Vector2 to = from + way;
        outline.Stroke(Curves.Wandering(from, to, 3, 0.08f, random), width, width * 0.65f);
        if (depth == 0)
            return;

        int forks = random.Between(2, 3);
        for (int i = 0; i < forks; i++)
        {
            float turns = random.Uniform(0.03f, 0.15f) * (i % 2 == 0 ? 1 : -1);
            float cos = PortableMath.CosTurns(turns), sin = PortableMath.SinTurns(turns);
            Vector2 turned = new(way.X * cos - way.Y * sin, way.X * sin + way.Y * cos);
            Vector2 start = from + way * random.Uniform(0.55f, 1);
            Fork(random, outline, start, turned * random.Uniform(0.5f, 0.75f), width * 0.6f, depth - 1);
        }
    }

    private static Thing Single(Stage stage, Frame frame, Outline outline)
    {
        Thing thing = new Thing().With(stage.Wear(frame, outline, stage.NextCoat(frame), stage.AnyRelief()));
        if (stage.Random.Chance(0.3f))
            thing.Shadow = stage.DropShadow(0.5f * frame.Unit);
        return thing;
    }
}
