using System.Numerics;
using PocketSam.Training.Data.Effects;
using PocketSam.Training.Data.Scenes.Materials;
using PocketSam.Training.Data.Scenes.Painting;
using PocketSam.Training.Data.Scenes.Shapes;

namespace PocketSam.Training.Data.Scenes.Things;

/// <summary>Turned and hollow ware, and what is eaten from it.</summary>
internal static class Vessels
{
    public static Thing Bottle(Stage stage, Frame frame)
    {
        RandomStream random = stage.Random;
        float neck = random.Uniform(0.2f, 0.45f), shoulder = random.Uniform(-0.5f, -0.1f);
        Outline body = new Outline(frame)
            .Smooth(new(-1, 0.9f), new(-1, shoulder + 0.2f), new(-neck, shoulder - 0.2f), new(-neck, -0.85f),
                new(neck, -0.85f),
                new(neck, shoulder - 0.2f), new(1, shoulder + 0.2f), new(1, 0.9f), new(0.8f, 1), new(-0.8f, 1));
        Thing thing = new Thing().With(stage.Wear(frame, body, stage.NextCoat(frame), stage.Round()));
        if (random.Chance(0.7f))
        {
            float top = shoulder + random.Uniform(0.25f, 0.5f),
                bottom = Math.Min(top + random.Uniform(0.3f, 0.7f), 0.9f);
            thing.With(stage.Wear(
                frame.Inner(0, 0.5f * (top + bottom), 0.9f, 0.3f), new Outline(frame).Box(-0.98f, top, 0.98f, bottom),
                stage.Palette.Next(), stage.Round()));
        }

        if (random.Chance(0.8f))
        {
            Outline cap = new Outline(frame).RoundedBox(-neck * 1.15f, -1, neck * 1.15f, -0.8f, 0.05f);
            thing.With(stage.Wear(frame, cap, stage.Palette.Next(), stage.Round()));
        }

        stage.AddTint(thing, new Outline(frame).Line(-0.6f, shoulder + 0.3f, -0.6f, 0.75f, 0.04f), Color.Grey(1), 0.5f);
        return thing;
    }

    public static Thing Cup(Stage stage, Frame frame)
    {
        RandomStream random = stage.Random;
        MaterialRecipe coat = stage.NextCoat(frame);
        float foot = random.Uniform(0.35f, 0.75f), mouth = random.Uniform(0.1f, 0.28f), right = 0.7f;
        Outline body = new Outline(frame)
            .Polygon(new(-1, -1 + mouth), new(right, -1 + mouth), new(right * foot, 0.95f), new(-foot, 0.95f))
            .Ellipse(-0.15f, -1 + mouth, 0.85f, mouth);
        Thing thing = new();
        if (random.Chance(0.7f))
        {
            Outline handle = new Outline(frame).Ellipse(0.65f, -0.1f, 0.35f, 0.45f)
                .EllipseHole(0.65f, -0.1f, 0.2f, 0.28f);
            thing.With(stage.Wear(frame, handle, coat, stage.Round()));
        }

        thing.With(stage.Wear(frame, body, coat, stage.Round()));
        Color inside = random.Chance(0.5f) ? stage.Palette.Earth().Times(0.6f)
            .Rounded() : stage.Palette.Near(coat.Ramp.Low, 0.6f);
        thing.With(stage.Plain(
            new Outline(frame).Ellipse(-0.15f, -1 + mouth, 0.76f, 0.8f * mouth), inside, stage.Slanted()));
        return thing;
    }

    /// <summary>Any turned silhouette: a vase, an urn, a chess piece, a lamp foot.</summary>
    public static Thing Vase(Stage stage, Frame frame)
    {
        RandomStream random = stage.Random;
        const int Rings = 6;
        Span<Vector2> rim = stackalloc Vector2[2 * Rings];
        for (int i = 0; i < Rings; i++)
        {
            float y = -0.95f + 1.9f * i / (Rings - 1), half = random.Uniform(0.25f, 1);
            rim[i] = new Vector2(half, y);
            rim[2 * Rings - 1 - i] = new Vector2(-half, y);
        }

        Outline outline = new(frame);
        outline = random.Chance(0.8f) ? outline.Smooth(rim) : outline.Polygon(rim);
        Thing thing = new Thing().With(stage.Wear(frame, outline, stage.NextCoat(frame), stage.Round()));
        stage.AddTint(thing, new Outline(frame).Ellipse(-0.2f, 0.1f, 0.08f, 0.3f), Color.Grey(1), 0.35f);
        return thing;
    }

    /// <summary>An apple, a pear, a pumpkin: round, with a stalk and perhaps a leaf.</summary>
    public static Thing Fruit(Stage stage, Frame frame)
    {
        RandomStream random = stage.Random;
        Color color = random.Chance(0.6f)
            ? stage.Palette.Between(-0.05f, 0.3f, 1, 0.5f, 1)
            : stage.Palette.Next();
        Outline body = new Outline(frame).Blob(0, 0.15f, 0.9f, 0.8f, 0.25f, random);
        Thing thing = new Thing()
            .With(stage.Wear(frame,
                new Outline(frame).Stroke([new(0, -0.5f), new(random.Uniform(-0.2f, 0.2f), -1)], 0.07f, 0.05f),
                stage.Palette.Earth()))
            .With(stage.Wear(frame, body, color, new Relief(random.Uniform(0.5f, 1), 0.2f)));
        if (random.Chance(0.4f))
            thing.With(Plants.LeafPart(stage, frame.Inner(0.35f, -0.75f, 0.4f, 0.15f, random.Uniform(-0.1f, 0.1f))));
        stage.AddTint(thing, new Outline(frame).Ellipse(-0.3f, -0.15f, 0.14f, 0.1f), Color.Grey(1), 0.4f);
        return thing;
    }

    /// <summary>Fruit in a bowl: each is a part, hidden in part by the bowl's front.</summary>
    public static Thing Bowl(Stage stage, Frame frame)
    {
        RandomStream random = stage.Random;
        MaterialRecipe coat = stage.NextCoat(frame);
        Thing thing = new Thing().With(
            stage.Wear(frame, new Outline(frame).Ellipse(0, 0, 1, 0.22f), stage.Tailor.Sibling(coat, 0.6f),
                stage.Slanted()));
        int contents = random.Between(0, 5);
        for (int i = 0; i < contents; i++)
        {
            float size = random.Uniform(0.22f, 0.4f);
            float x = contents == 1 ? 0 : -0.6f + 1.2f * i / (contents - 1);
            Frame ball = frame.Inner(
                x, -0.25f + 0.2f * random.NextFloat(), size, size / Math.Max(1, 0.7f * frame.Aspect) * 1.2f);
            thing.With(stage.Wear(ball, new Outline(ball).Ellipse(0, 0, 1, 1), stage.Palette.Next(), stage.Round()));
        }

        Outline front = new Outline(frame).EllipseSlice(0, 0, 1, random.Uniform(0.7f, 0.95f), 0, 0.5f)
            .Box(-0.35f, 0.6f, 0.35f, 0.95f);
        return thing.With(stage.Wear(frame, front, coat, stage.Round()));
    }
}
