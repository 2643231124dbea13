using System.Numerics;
using PocketSam.Training.Data.Effects;
using PocketSam.Training.Data.Scenes.Materials;
using PocketSam.Training.Data.Scenes.Painting;
using PocketSam.Training.Data.Scenes.Shapes;

namespace PocketSam.Training.Data.Scenes.Things;

/// <summary>What drives, sails and flies, mostly from the side.</summary>
internal static class Vehicles
{
    public static Thing Car(Stage stage, Frame frame)
    {
        RandomStream random = stage.Random;
        float roofFront = random.Uniform(0, 0.35f), roofBack = random.Uniform(-0.75f, -0.3f),
            hood = random.Uniform(-0.2f, 0.1f);
        Outline body = new Outline(frame)
            .Smooth(new(-1, 0.5f), new(-0.98f, hood), new(roofBack - 0.12f, hood - 0.1f), new(roofBack, -0.85f),
                new(roofFront, -0.9f),
                new(roofFront + 0.3f, hood - 0.1f), new(0.95f, hood + 0.1f), new(1, 0.5f), new(0.9f, 0.7f),
                new(-0.9f, 0.7f));
        Outline front = new Outline(frame).Polygon(
            new(0.5f * (roofBack + roofFront) + 0.04f, -0.7f), new(roofFront - 0.03f, -0.72f),
            new(roofFront + 0.2f, hood - 0.12f),
            new(0.5f * (roofBack + roofFront) + 0.04f, hood - 0.1f));
        Outline back = new Outline(frame).Polygon(
            new(roofBack + 0.05f, -0.68f), new(0.5f * (roofBack + roofFront) - 0.04f, -0.7f),
            new(0.5f * (roofBack + roofFront) - 0.04f, hood - 0.1f), new(roofBack - 0.02f, hood - 0.1f));
        Color glass = Color.Mix(stage.Palette.Sky(), Color.Grey(0.1f), random.Uniform(0.2f, 0.9f)).Rounded();
        Thing thing = new Thing()
            .With(stage.Wear(frame, body, stage.Tailor.Recipe(PatternKind.Linear, stage.Palette.Next(), frame.Unit),
                stage.Round()))
            .With(stage.Plain(front, glass, stage.Slanted()))
            .With(stage.Plain(back, glass, stage.Slanted()));
        AddWheels(stage, thing, frame, random.Uniform(0.17f, 0.24f), -0.58f, 0.58f);
        thing.With(stage.Plain(
            new Outline(frame).Ellipse(0.92f, 0.22f, 0.05f, 0.09f), stage.Palette.Between(0.1f, 0.17f, 0.6f, 0.8f, 1)));
        return thing;
    }

    /// <summary>A bus, a van, a truck, a railway car.</summary>
    public static Thing Bus(Stage stage, Frame frame)
    {
        RandomStream random = stage.Random;
        Thing thing = new Thing().With(
            stage.Wear(frame, new Outline(frame).RoundedBox(-1, -1, 1, 0.75f, random.Uniform(0.05f, 0.3f)),
                stage.NextCoat(frame), stage.Slanted()));
        int windows = random.Between(2, 7);
        Color glass = stage.Palette.Sky().Times(random.Uniform(0.2f, 0.8f)).Rounded();
        float top = random.Uniform(-0.85f, -0.6f), bottom = random.Uniform(-0.3f, 0.1f);
        for (int i = 0; i < windows; i++)
        {
            float left = -0.92f + 1.84f * i / windows;
            thing.With(stage.Plain(new Outline(frame).RoundedBox(left, top, left + 1.6f / windows, bottom, 0.06f),
                glass, stage.Slanted()));
        }

        if (random.Chance(0.5f))
            thing.With(stage.Wear(frame, new Outline(frame).Box(-1, 0.2f, 1, 0.4f), stage.Palette.Next()));
        AddWheels(stage, thing, frame, 0.13f, -0.65f, 0.65f);
        return thing;
    }

    public static Thing Bicycle(Stage stage, Frame frame)
    {
        Frame square = frame.Square();
        float reach = frame.Aspect, radius = Math.Min(0.5f * reach, 0.6f), rim = stage.Random.Uniform(0.04f, 0.1f);
        Vector2 back = new(-reach + radius, 1 - radius), front = new(reach - radius, 1 - radius);
        Outline wheels = new Outline(square)
            .Ellipse(back.X, back.Y, radius, radius).EllipseHole(back.X, back.Y, radius - rim, radius - rim)
            .Ellipse(front.X, front.Y, radius, radius).EllipseHole(front.X, front.Y, radius - rim, radius - rim);
        Vector2 crank = new(-0.1f * reach, 1 - radius), saddle = new(-0.35f * reach, -0.45f),
            steer = new(0.4f * reach, -0.5f);
        Outline rods = new Outline(square).Stroke([saddle, crank, back, saddle], 0.03f, 0.03f)
            .Stroke([crank, steer, front], 0.03f, 0.03f).Line(saddle.X, saddle.Y, steer.X, steer.Y + 0.05f, 0.03f)
            .Line(steer.X, steer.Y, steer.X + 0.1f, -0.9f, 0.03f)
                .Line(steer.X - 0.1f, -0.9f, steer.X + 0.25f, -0.85f, 0.03f);
        return new Thing()
            .With(stage.Plain(wheels, stage.Random.Chance(0.7f) ? Color.Grey(stage.Random.Uniform(0.02f, 0.25f))
                : stage.Palette.Next()))
            .With(stage.Wear(frame, rods, stage.NextCoat(frame)))
            .With(stage.Plain(new Outline(square).Ellipse(saddle.X, saddle.Y - 0.04f, 0.16f, 0.06f),
                Color.Grey(stage.Random.NextFloat())));
    }

    public static Thing Boat(Stage stage, Frame frame)
    {
        RandomStream random = stage.Random;
        float deck = random.Uniform(0.35f, 0.6f);
        Thing thing = new();
        if (random.Chance(0.7f))
        {
            thing.With(stage.Plain(new Outline(frame).Line(0, -1, 0, deck, 0.03f), stage.Palette.Earth()));
            Outline sail = new Outline(frame)
                .Polygon(new(0.06f, -0.95f), new(random.Uniform(0.5f, 0.9f), deck - 0.15f), new(0.06f, deck - 0.1f));
            thing.With(stage.Wear(frame, sail, random.Chance(0.5f) ? Color.Grey(random.Uniform(0.8f, 1))
                : stage.Palette.Next(), stage.Slanted()));
            if (random.Chance(0.6f))
            {
                Outline jib = new Outline(frame)
                    .Polygon(new(-0.06f, -0.8f), new(-0.7f, deck - 0.1f), new(-0.06f, deck - 0.12f));
                thing.With(stage.Wear(frame, jib, stage.Palette.Next(), stage.Slanted()));
            }
        }
        else
        {
            thing.With(stage.Wear(
                frame, new Outline(frame).Box(-0.4f, -0.2f, 0.3f, deck), stage.Palette.Next(), stage.Slanted()));
        }

        Outline hull = new Outline(frame).Polygon(new(-1, deck), new(1, deck - 0.08f), new(0.7f, 1), new(-0.75f, 1));
        return thing.With(stage.Wear(frame, hull, stage.NextCoat(frame), stage.AnyRelief()));
    }

    /// <summary>An aeroplane from above or below.</summary>
    public static Thing Plane(Stage stage, Frame frame)
    {
        RandomStream random = stage.Random;
        MaterialRecipe coat = stage.NextCoat(frame);
        float sweep = random.Uniform(0, 0.5f), chord = random.Uniform(0.25f, 0.5f);
        Outline wings = new Outline(frame).Polygon(
            new(0.25f, 0), new(-sweep, -1), new(-sweep - 0.4f * chord, -1), new(0.25f - chord, 0),
            new(-sweep - 0.4f * chord, 1),
            new(-sweep, 1));
        Outline tail = new Outline(frame)
            .Polygon(new(-0.6f, 0), new(-0.9f, -0.4f), new(-1, -0.4f), new(-0.9f, 0), new(-1, 0.4f), new(-0.9f, 0.4f));
        return new Thing()
            .With(stage.Wear(frame, wings.Append(tail), coat, stage.Slanted()))
            .With(stage.Wear(frame, new Outline(frame).Ellipse(0, 0, 1, random.Uniform(0.1f, 0.17f)),
                stage.Tailor.Sibling(coat, 0.6f), stage.Round()));
    }

    private static void AddWheels(
        Stage stage, Thing thing, Frame frame, float radius, params ReadOnlySpan<float> places)
    {
        float tall = radius * frame.Aspect;
        Color tyre = Color.Grey(stage.Random.Uniform(0.03f, 0.2f)), hub = stage.Palette.Near(Color.Grey(0.6f), 0.6f);
        foreach (float x in places)
        {
            thing.With(stage.Plain(
                new Outline(frame).Ellipse(x, 1 - tall, radius, tall), tyre) with { Group = x < 0 ? 1 : 2 });
            thing.With(stage.Plain(
                new Outline(frame).Ellipse(x, 1 - tall, 0.55f * radius, 0.55f * tall), hub, stage.Slanted()) with
            {
                Group = x < 0 ? 1 : 2,
            });
        }
    }
}
