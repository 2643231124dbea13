using System.Numerics;
using PocketSam.Training.Data.Effects;
using PocketSam.Training.Data.Scenes.Materials;
using PocketSam.Training.Data.Scenes.Painting;
using PocketSam.Training.Data.Scenes.Shapes;

namespace PocketSam.Training.Data.Scenes.Things;

/// <summary>Walls with openings.</summary>
internal static class Buildings
{
    public static Thing House(Stage stage, Frame frame)
    {
        RandomStream random = stage.Random;
        float eaves = random.Uniform(-0.45f, 0.1f);
        Thing thing = new();
        if (random.Chance(0.5f))
        {
            float x = random.Uniform(-0.6f, 0.4f);
            thing.With(stage.Wear(frame, new Outline(frame).Box(x, -1, x + 0.18f, eaves), stage.Palette.Earth()));
        }

        thing.With(stage.Wear(
            frame, new Outline(frame).Box(-0.88f, eaves, 0.88f, 1), Masonry(stage, frame), stage.Slanted()));
        float ridge = random.Uniform(0, 0.75f);
        Outline roof = new Outline(frame)
            .Polygon(new(-1, eaves), new(-ridge, -0.85f), new(ridge, -0.85f), new(1, eaves));
        thing.With(stage.Wear(frame, roof, stage.Palette.Next(), stage.Slanted()));

        float door = random.Uniform(-0.6f, 0.4f);
        Outline doorway = new Outline(frame).Box(door, 1 - 0.65f * (1 - eaves), door + 0.26f, 1);
        AddWindows(stage, thing, frame.Inner(0, 0.5f * (eaves + 1), 0.8f, 0.45f * (1 - eaves)), random.Between(2, 4),
            random.Between(1, 2));
        return thing.With(stage.Wear(frame, doorway, stage.Palette.Next(), stage.Slanted()));
    }

    /// <summary>A block with many windows.</summary>
    public static Thing Tower(Stage stage, Frame frame)
    {
        RandomStream random = stage.Random;
        Thing thing = new Thing()
            .With(stage.Wear(frame, new Outline(frame).Box(-1, -0.97f, 1, 1), Masonry(stage, frame), stage.Slanted()));
        int columns = Math.Clamp((int)(random.Uniform(2, 6) * frame.Aspect), 1, 8);
        int rows = Math.Clamp((int)(random.Uniform(2, 6) / frame.Aspect), 1, 9);
        AddWindows(stage, thing, frame.Inner(0, -0.08f, 0.92f, 0.82f), columns, rows);
        if (random.Chance(0.4f))
            thing.With(stage.Wear(frame, new Outline(frame).Box(-1.05f, -1, 1.05f, -0.9f), stage.Palette.Next()));
        return thing;
    }

    /// <summary>A wall seen at an angle, with a window to each cell.</summary>
    public static Thing Facade(Stage stage, Frame frame)
        => Tower(stage, frame with { Tilt = new Vector2(stage.Random.Uniform(-0.35f, 0.35f), 0) });

    /// <summary>A grid of like openings, some lit, some with a cross or a sill.</summary>
    private static void AddWindows(Stage stage, Thing thing, Frame wall, int columns, int rows)
    {
        RandomStream random = stage.Random;
        Color glass = random.Chance(0.6f)
            ? stage.Palette.Sky().Times(random.Uniform(0.3f, 1)).Rounded()
            : stage.Palette.Next();
        Color other = random.Chance(0.3f) ? stage.Palette.Next() : glass;
        Color bars = stage.Palette.Next();
        float width = random.Uniform(0.25f, 0.42f), height = random.Uniform(0.25f, 0.42f);
        bool barred = random.Chance(0.4f);
        MaterialRecipe pane = stage.Tailor.Recipe(PatternKind.Linear, glass, wall.Unit);
        for (int i = 0; i < columns * rows; i++)
        {
            float x = (2 * (i % columns) + 1f) / columns - 1, y = (2 * (i / columns) + 1f) / rows - 1;
            Frame opening = wall.Inner(x, y, 2 * width / columns, 2 * height / rows);
            Outline outline = new Outline(opening).Box(-1, -1, 1, 1);
            thing.With(random.Chance(0.2f) ? stage.Plain(outline, other) : stage.Wear(opening, outline, pane));
            if (barred)
                stage.AddTint(thing, new Outline(opening).Box(-0.08f, -1, 0.08f, 1).Box(-1, -0.08f, 1, 0.08f), bars,
                    0.9f);
        }
    }

    private static MaterialRecipe Masonry(Stage stage, Frame frame)
    {
        Color color = stage.Random.Chance(0.6f) ? stage.Palette.Earth() : stage.Palette.Next();
        PatternKind kind = stage.Random.Pick<PatternKind>(
            [PatternKind.Flat, PatternKind.Noise, PatternKind.Bricks, PatternKind.Linear]);
        MaterialRecipe coat = stage.Tailor.Recipe(kind, color, frame.Unit);
        return kind == PatternKind.Bricks
            ? coat with { Scale = Math.Max(0.12f * frame.Unit, 3), Turns = 0, Stretch = 0.4f }
            : coat;
    }
}
