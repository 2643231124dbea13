using System.Numerics;
using PocketSam.Training.Data.Effects;
using PocketSam.Training.Data.Scenes.Materials;
using PocketSam.Training.Data.Scenes.Painting;
using PocketSam.Training.Data.Scenes.Shapes;

namespace PocketSam.Training.Data.Scenes.Things;

/// <summary>Animals: bodies with limbs, several related coats to one creature.</summary>
internal static class Animals
{
    /// <summary>A four-legged animal from the side: dog, cow, sheep, horse, giraffe by its proportions.</summary>
    public static Thing Quadruped(Stage stage, Frame frame)
    {
        RandomStream random = stage.Random;
        MaterialRecipe coat = stage.Tailor.Fur(FurColor(stage), frame.Unit);
        MaterialRecipe far = coat with { Ramp = Darker(coat, 0.7f) };
        float girth = random.Uniform(0.2f, 0.42f), belly = random.Uniform(-0.05f, 0.35f),
            leg = random.Uniform(0.06f, 0.12f);
        float neck = random.Uniform(0.1f, 0.2f), headX = random.Uniform(0.7f, 0.85f),
            headY = random.Uniform(-0.85f, -0.2f);
        float headSize = random.Uniform(0.15f, 0.26f), back = belly - girth;

        Vector2 hip = new(-0.5f, belly - 0.5f * girth), shoulder = new(0.4f, belly - 0.5f * girth);
        Outline farLegs = Leg(frame, random, hip + new Vector2(0.12f, 0), leg)
            .Append(Leg(frame, random, shoulder + new Vector2(0.1f, 0), leg));
        Outline nearLegs = Leg(frame, random, hip, leg).Append(Leg(frame, random, shoulder, leg));
        Vector2[] tailPath = Curves.Wandering(
            new(-0.6f, back + 0.1f), new(random.Uniform(-1, -0.85f), belly + random.Uniform(-0.9f, 0.5f)), 4, 0.1f,
            random);
        Outline body = new Outline(frame)
            .Blob(0, belly - 0.5f * girth, 0.68f, girth, 0.15f, random)
            .Stroke([shoulder + new Vector2(0.05f, -0.2f * girth), new(headX - 0.05f, headY)], neck + 0.05f, neck)
            .Stroke(tailPath, 0.05f, random.Uniform(0.01f, 0.08f));

        float snout = random.Uniform(0.08f, 0.25f);
        Outline head = new Outline(frame).Ellipse(headX, headY, headSize, 0.85f * headSize)
            .Stroke([new(headX, headY + 0.03f), new(Math.Min(headX + snout, 0.95f), headY + 0.1f)], 0.75f * headSize,
                0.45f * headSize);
        Outline ear = random.Chance(0.5f)
            ? new Outline(frame).Polygon(
                new(headX - 0.1f, headY - 0.5f * headSize), new(headX - 0.08f, headY - 1.7f * headSize),
                new(headX + 0.06f, headY - 0.7f * headSize))
            : new Outline(frame).Ellipse(headX - 0.09f, headY, 0.08f, headSize);

        MaterialRecipe headCoat = stage.Tailor.Sibling(coat, random.Chance(0.3f) ? 1 : 0.3f);
        Thing thing = new Thing()
            .With(stage.Wear(frame, farLegs, far, stage.Round()))
            .With(stage.Wear(frame, body, coat, stage.Round()))
            .With(stage.Wear(frame, nearLegs, coat with { Ramp = Darker(coat, 0.9f) }, stage.Round()))
            .With(stage.Wear(frame, head, headCoat, stage.Round()) with { Group = 1 })
            .With(stage.Wear(frame, ear, coat with { Ramp = Darker(coat, 0.6f) }) with { Group = 1 });
        stage.AddTint(thing, new Outline(frame).Ellipse(headX + 0.06f, headY - 0.03f, 0.025f, 0.03f), Color.Grey(0.03f),
            0.95f);
        stage.AddTint(thing, new Outline(frame).Ellipse(
            Math.Min(headX + snout + 0.03f, 0.97f), headY + 0.09f, 0.03f, 0.03f), Color.Grey(0.05f), 0.9f);
        return thing;
    }

    public static Thing Bird(Stage stage, Frame frame)
    {
        RandomStream random = stage.Random;
        MaterialRecipe coat = stage.Tailor.Fur(
            random.Chance(0.5f) ? FurColor(stage) : stage.Palette.Next(), frame.Unit);
        Outline body = new Outline(frame)
            .Smooth(new(-1, random.Uniform(-0.1f, 0.3f)), new(-0.3f, -0.35f), new(0.35f, -0.5f), new(0.6f, 0),
                new(0.2f, 0.5f), new(-0.4f, 0.35f));
        float headX = random.Uniform(0.45f, 0.65f), headY = random.Uniform(-0.75f, -0.5f);
        Outline beak = new Outline(frame)
            .Polygon(new(headX + 0.15f, headY - 0.1f), new(1, headY + random.Uniform(0, 0.15f)),
            new(headX + 0.15f, headY + 0.12f));
        Outline legs = new Outline(frame).Line(0.05f, 0.4f, 0, 1, 0.025f).Line(0.2f, 0.4f, 0.25f, 1, 0.025f);
        Frame wing = frame.Inner(-0.15f, 0, 0.55f, 0.3f, random.Uniform(-0.05f, 0.08f));
        Thing thing = new Thing()
            .With(stage.Plain(legs, stage.Palette.Earth()))
            .With(stage.Wear(frame, beak, stage.Palette.Between(0.02f, 0.15f, 1, 0.2f, 1)) with { Group = 1 })
            .With(stage.Wear(frame, body, coat, stage.Round()))
            .With(stage.Wear(frame, new Outline(frame).Ellipse(headX, headY, 0.25f, 0.25f),
                stage.Tailor.Sibling(coat, 0.6f), stage.Round()) with { Group = 1 })
            .With(stage.Wear(wing,
                new Outline(wing).Smooth(new(-1.1f, 0.3f), new(0.2f, -0.9f), new(1, 0), new(0.3f, 0.9f)),
                stage.Tailor.Sibling(coat, 0.9f), stage.Round()));
        stage.AddTint(thing, new Outline(frame).Ellipse(headX + 0.08f, headY - 0.04f, 0.04f, 0.04f), Color.Grey(0.03f),
            0.95f);
        return thing;
    }

    /// <summary>A bird or a gull with wings spread, from afar.</summary>
    public static Thing Glider(Stage stage, Frame frame)
    {
        float lift = stage.Random.Uniform(-0.8f, 0.8f);
        Outline outline = new Outline(frame)
            .Smooth(new(-1, lift), new(-0.4f, -0.5f), new(0, -0.1f), new(0.4f, -0.5f), new(1, lift), new(0.4f, -0.1f),
                new(0, 0.4f), new(-0.4f, -0.1f));
        return new Thing().With(stage.Wear(frame, outline, stage.NextCoat(frame)));
    }

    public static Thing Fish(Stage stage, Frame frame)
    {
        RandomStream random = stage.Random;
        MaterialRecipe coat = stage.NextCoat(frame);
        MaterialRecipe fins = stage.Tailor.Sibling(coat, 1);
        float belly = random.Uniform(0.45f, 0.95f);
        Outline fin = new Outline(frame)
            .Polygon(new(-0.55f, 0), new(-1, -random.Uniform(0.3f, 0.9f)), new(-0.85f, 0),
            new(-1, random.Uniform(0.3f, 0.9f)))
            .Polygon(new(-0.2f, -0.5f * belly), new(random.Uniform(-0.3f, 0.2f), -1), new(0.4f, -0.6f * belly));
        Outline body = new Outline(frame)
            .Smooth(new(-0.7f, 0), new(-0.2f, -0.7f * belly), new(0.5f, -0.7f * belly), new(1, 0),
            new(0.5f, 0.7f * belly), new(-0.2f, 0.7f * belly));
        Thing thing = new Thing()
            .With(stage.Wear(frame, fin, fins, stage.Slanted()))
            .With(stage.Wear(frame, body, coat, stage.Round()))
            .With(stage.Wear(frame, new Outline(frame).EllipseSlice(0.2f, 0.15f, 0.25f, 0.2f, -0.05f, 0.55f), fins));
        thing.With(stage.Plain(new Outline(frame).Ellipse(0.65f, -0.12f, 0.09f, 0.1f), Color.Grey(0.95f)));
        stage.AddTint(thing, new Outline(frame).Ellipse(0.67f, -0.12f, 0.05f, 0.06f), Color.Grey(0.02f), 0.95f);
        return thing;
    }

    /// <summary>A butterfly or a beetle: two pairs of wings and a body.</summary>
    public static Thing Butterfly(Stage stage, Frame frame)
    {
        RandomStream random = stage.Random;
        MaterialRecipe upper = stage.NextCoat(frame), lower = stage.Tailor.Sibling(upper, 0.8f);
        float tipX = random.Uniform(0.75f, 1), tipY = random.Uniform(-1, -0.4f), lowX = random.Uniform(0.4f, 0.8f);
        Thing thing = new();
        foreach (Frame side in (ReadOnlySpan<Frame>)[frame, frame.Mirrored()])
        {
            thing.With(stage.Wear(side,
                new Outline(side).Smooth(new(0, 0), new(lowX, 0.1f), new(lowX, 0.8f), new(0.2f, 0.9f)), lower,
                stage.Slanted()));
            thing.With(stage.Wear(side,
                new Outline(side).Smooth(new(0, -0.2f), new(0.3f, tipY), new(tipX, tipY), new(0.8f, 0.1f),
                new(0.1f, 0.2f)), upper, stage.Slanted()));
        }

        Outline body = new Outline(frame).Stroke([new(0, -0.5f), new(0, 0.6f)], random.Uniform(0.07f, 0.14f), 0.05f)
            .Line(0, -0.5f, 0.2f, -0.95f, 0.012f).Line(0, -0.5f, -0.2f, -0.95f, 0.012f);
        return thing.With(stage.Wear(frame, body, Color.Grey(random.Uniform(0.05f, 0.4f)), stage.Round()));
    }

    private static Outline Leg(Frame frame, RandomStream random, Vector2 from, float width)
    {
        Vector2 foot = new(from.X + random.Uniform(-0.18f, 0.18f), 1 - 0.5f * width);
        Vector2 knee = new Vector2(
            0.5f * (from.X + foot.X) + random.Uniform(-0.06f, 0.06f), 0.45f * from.Y + 0.55f * foot.Y);
        return new Outline(frame).Stroke([from, knee, foot], width * 1.4f, width * 0.7f);
    }

    private static Color FurColor(Stage stage)
        => stage.Random.Chance(0.5f) ? stage.Palette.Earth()
            : stage.Random.Chance(0.5f) ? Color.Grey(stage.Random.Uniform(0.08f, 1)) : stage.Palette.Next();

    private static (Color Low, Color Middle, Color High) Darker(MaterialRecipe coat, float factor)
        => (coat.Ramp.Low.Times(factor).Rounded(), coat.Ramp.Middle.Times(factor), coat.Ramp.High.Times(factor));
}
