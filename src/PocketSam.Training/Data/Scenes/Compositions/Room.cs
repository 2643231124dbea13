using PocketSam.Training.Data.Effects;
using PocketSam.Training.Data.Scenes.Materials;
using PocketSam.Training.Data.Scenes.Painting;
using PocketSam.Training.Data.Scenes.Shapes;
using PocketSam.Training.Data.Scenes.Things;

namespace PocketSam.Training.Data.Scenes.Compositions;

/// <summary>A wall with things on it, a floor with things on it, perhaps a table top in front.</summary>
internal static class Room
{
    public static Scene Compose(Stage stage)
    {
        RandomStream random = stage.Random;
        PatternKind paper = random.Pick<PatternKind>(
            [PatternKind.Linear, PatternKind.Linear, PatternKind.Noise, PatternKind.Stripes, PatternKind.Dots,
                PatternKind.Bricks]);
        Material wall = Backdrops.Hang(stage, stage.Tailor.Recipe(paper, stage.Palette.Next(), 0.3f * stage.Height));
        float edge = stage.Height * random.Uniform(0.45f, 0.85f);
        int count = stage.NextCount() / 2;
        List<Thing> things = [];

        int hangings = random.Between(0, 4);
        for (int i = 0; i < hangings; i++)
        {
            float size = stage.Height * random.Uniform(0.12f, 0.45f);
            things.Add(Catalogue.Pick(Catalogue.Hangings, random).Make(
                stage, random.NextFloat() * stage.Width, random.Uniform(0.1f, 0.8f) * edge, size));
        }

        things.Add(Floor(stage, edge));
        if (random.Chance(0.3f))
            things.Add(Rug(stage, edge));
        AddFurniture(stage, things, edge, Math.Min(count / 2 + 1, 9));
        if (random.Chance(0.5f))
            AddTableTop(stage, things, count - count / 2);
        return Focus.Set(stage, new Scene(wall, things, stage.Light), probability: 0.2f);
    }

    private static Thing Floor(Stage stage, float edge)
    {
        PatternKind kind = stage.Random.Pick<PatternKind>(
            [PatternKind.Linear, PatternKind.Noise, PatternKind.Noise, PatternKind.Stripes, PatternKind.Checks]);
        Color color = stage.Random.Chance(0.6f) ? stage.Palette.Earth() : stage.Palette.Next();
        MaterialRecipe coat = stage.Tailor.Recipe(kind, color, 0.4f * stage.Height);
        return Grounds.Below(stage, edge, 0, coat with { Stretch = 0.6f });
    }

    private static Thing Rug(Stage stage, float edge)
    {
        RandomStream random = stage.Random;
        float y = 0.5f * (edge + stage.Height);
        Frame frame = Frame.Upright(
            random.Uniform(0.2f, 0.8f) * stage.Width, y, random.Uniform(0.2f, 0.45f) * stage.Width,
            0.35f * (stage.Height - edge));
        Outline outline = random.Chance(0.5f)
            ? new Outline(frame).Ellipse(0, 0, 1, 1)
            : new Outline(frame).Polygon(new(-0.75f, -1), new(0.75f, -1), new(1, 1), new(-1, 1));
        return new Thing().With(stage.Wear(frame, outline, stage.NextCoat(frame)));
    }

    private static void AddFurniture(Stage stage, List<Thing> things, float edge, int count)
    {
        RandomStream random = stage.Random;
        List<(float Foot, Thing Thing)> standing = [];
        for (int i = 0; i < count; i++)
        {
            float foot = edge + (stage.Height - edge) * random.Uniform(0.03f, 0.9f);
            float size = stage.Height * random.Uniform(0.25f, 0.8f);
            Thing thing = Catalogue.Pick(Catalogue.Furniture, random)
                .Stand(stage, random.NextFloat() * stage.Width, foot, size);
            standing.Add((foot, thing));
        }

        things.AddRange(standing.OrderBy(item => item.Foot).Select(item => item.Thing));
    }

    /// <summary>The near edge of a table across the bottom, with ware on it.</summary>
    private static void AddTableTop(Stage stage, List<Thing> things, int count)
    {
        RandomStream random = stage.Random;
        float top = stage.Height * random.Uniform(0.6f, 0.9f);
        Color color = random.Chance(0.6f) ? stage.Palette.Earth() : stage.Palette.Next();
        things.Add(Grounds.Below(stage, top, 0, stage.Tailor.Recipe(color, 0.3f * stage.Height)));

        List<(float Foot, Thing Thing)> ware = [];
        for (int i = 0; i < Math.Clamp(count, 1, 14); i++)
        {
            float foot = top + (stage.Height - top) * random.Uniform(0.05f, 1);
            float size = stage.Height * random.LogUniform(0.12f, 0.45f);
            ware.Add((foot, Catalogue.Pick(Catalogue.Ware, random).Stand(
                stage, random.NextFloat() * stage.Width, foot, size)));
        }

        things.AddRange(ware.OrderBy(item => item.Foot).Select(item => item.Thing));
    }
}
