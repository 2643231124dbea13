using PocketSam.Training.Data.Effects;
using PocketSam.Training.Data.Scenes.Materials;
using PocketSam.Training.Data.Scenes.Painting;
using PocketSam.Training.Data.Scenes.Shapes;
using PocketSam.Training.Data.Scenes.Things;

namespace PocketSam.Training.Data.Scenes.Compositions;

/// <summary>Sky, hills or a skyline, ground, and things that stand on it, the nearer the larger.</summary>
internal static class Landscape
{
    public static Scene Compose(Stage stage)
    {
        RandomStream random = stage.Random;
        Material sky = Backdrops.Sky(stage);
        List<Thing> things = [];
        float horizon = stage.Height * random.Uniform(0.15f, 0.7f);

        int flyers = random.Chance(0.4f) ? random.Between(1, 4) : 0;
        for (int i = 0; i < flyers; i++)
        {
            float size = Math.Min(stage.NextSize(), 0.5f * stage.Height);
            things.Add(Catalogue.Pick(Catalogue.Flyers, random).Make(
                stage, random.NextFloat() * stage.Width, random.NextFloat() * horizon, size));
        }

        AddDistance(stage, things, horizon);
        bool water = random.Chance(0.15f);
        MaterialRecipe ground = GroundCoat(stage, water);
        things.Add(Grounds.Below(stage, horizon, random.Chance(0.5f) ? 0 : random.Uniform(0.003f, 0.03f), ground));
        stage.Backdrop = ground;
        if (random.Chance(0.35f))
            things.Add(Grounds.Road(stage, horizon));

        AddStanding(stage, things, horizon, water);
        if (random.Chance(0.15f))
            things.Add(Overhang(stage));
        return Focus.Set(stage, new Scene(sky, things, stage.Light), probability: 0.15f);
    }

    /// <summary>Ridges one behind the other, paler with distance, or a row of buildings or trees.</summary>
    private static void AddDistance(Stage stage, List<Thing> things, float horizon)
    {
        RandomStream random = stage.Random;
        Color haze = random.Chance(0.7f) ? stage.Palette.Sky() : stage.Palette.Next();
        int ridges = random.Below(4);
        for (int i = 0; i < ridges; i++)
        {
            float near = (i + 1f) / (ridges + 1);
            Color color = Color.Mix(haze, stage.Palette.Foliage(), 0.25f + 0.6f * near).Rounded();
            PatternKind kind = random.Chance(0.5f) ? PatternKind.Noise : PatternKind.Linear;
            float top = horizon - stage.Height * (0.04f + 0.3f * (1 - near) * random.NextFloat());
            MaterialRecipe coat = stage.Tailor.Recipe(kind, color, 0.3f * stage.Height);

            // A margin below the horizon, which the ground's edge may fall short of.
            float bottom = horizon + 0.1f * stage.Height;
            things.Add(Grounds.Band(stage, top, bottom, random.Uniform(0.01f, 0.07f), coat));
        }

        if (!random.Chance(0.35f))
            return;

        ThingKind kindInRow = random.Chance(0.6f)
            ? new ThingKind(Buildings.Tower, 1, 0.3f, 1.2f)
            : new ThingKind(random.Chance(0.5f) ? Plants.Tree : Plants.Conifer, 1, 0.5f, 1);
        float x = -0.02f * stage.Width;
        float tallest = random.Uniform(0.12f, 0.4f) * stage.Height;
        while (x < stage.Width)
        {
            float size = tallest * random.Uniform(0.5f, 1);
            Thing thing = kindInRow.Stand(stage, x, horizon + 0.02f * stage.Height, size);
            thing.Shadow = null;
            things.Add(thing);
            x += size * random.Uniform(0.35f, 1.1f);
        }
    }

    private static void AddStanding(Stage stage, List<Thing> things, float horizon, bool water)
    {
        RandomStream random = stage.Random;
        int count = stage.NextCount() / 2;
        float room = stage.Height - horizon;
        float largest = random.Uniform(0.35f, 1.1f) * stage.Height;
        ThingKind crowd = Catalogue.Pick(Catalogue.Outdoors, random);
        float crowdShare = random.Chance(0.3f) ? random.Uniform(0.3f, 0.9f) : 0;
        List<(float Foot, Thing Thing)> standing = [];
        for (int i = 0; i < count; i++)
        {
            // Nearness 0 at the horizon, 1 at the lower edge; feet crowd towards the horizon as in perspective.
            float nearness = random.NextFloat() * random.Uniform(0.4f, 1.05f);
            float foot = horizon + room * nearness;
            float size = Math.Max(largest * (0.08f + 0.92f * nearness) * random.Uniform(0.5f, 1), 8 * stage.PixelScale);
            ThingKind kind = water ? new ThingKind(Vehicles.Boat, 1, 0.9f, 1.8f)
                : random.Chance(crowdShare) ? crowd : Catalogue.Pick(Catalogue.Outdoors, random);
            standing.Add((foot, kind.Stand(stage, random.NextFloat() * stage.Width, foot, size)));
        }

        things.AddRange(standing.OrderBy(item => item.Foot).Select(item => item.Thing));
    }

    private static MaterialRecipe GroundCoat(Stage stage, bool water)
    {
        RandomStream random = stage.Random;
        Color color = water ? stage.Palette.Sky().Times(0.8f).Rounded()
            : random.Chance(0.5f) ? stage.Palette.Foliage()
            : random.Chance(0.6f) ? stage.Palette.Earth() : stage.Palette.Next();
        PatternKind kind = random.Chance(0.8f) ? PatternKind.Noise : PatternKind.Linear;
        MaterialRecipe coat = stage.Tailor.Recipe(kind, color, 0.3f * stage.Height);

        // Seen at a low angle: drawn out sideways.
        return kind == PatternKind.Noise
            ? coat with { Turns = 0, Stretch = random.Uniform(0.2f, 0.6f), Scale = coat.Scale * 1.5f }
            : coat with { Turns = 0.25f };
    }

    /// <summary>A branch or leaves that reach into the picture from its edge, near the camera.</summary>
    private static Thing Overhang(Stage stage)
    {
        RandomStream random = stage.Random;
        float size = stage.Height * random.Uniform(0.3f, 0.7f);
        float x = random.Chance(0.5f) ? 0 : stage.Width;
        Frame frame = Frame.Turned(
            x, random.Uniform(0, 0.3f) * stage.Height, 0.5f * size, 0.5f * size, random.NextFloat());
        return random.Chance(0.5f) ? ThinThings.Branch(stage, frame) : Plants.Potted(stage, frame);
    }
}
