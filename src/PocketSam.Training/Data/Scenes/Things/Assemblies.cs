using PocketSam.Training.Data.Effects;
using PocketSam.Training.Data.Scenes.Materials;
using PocketSam.Training.Data.Scenes.Painting;
using PocketSam.Training.Data.Scenes.Shapes;

namespace PocketSam.Training.Data.Scenes.Things;

/// <summary>Things that do not exist: a body with attachments and markings at random, often symmetric.</summary>
internal static class Assemblies
{
    public static Thing Gadget(Stage stage, Frame frame)
    {
        RandomStream random = stage.Random;
        MaterialRecipe coat = stage.NextCoat(frame);
        Thing thing = new();
        int behind = random.Below(4);
        for (int i = 0; i < behind; i++)
            AddPair(stage, thing, frame, coat, reach: 0.75f, size: random.Uniform(0.15f, 0.35f));

        thing.With(stage.Wear(
            frame, Shape(random, frame, 0, 0, random.Uniform(0.45f, 0.8f), random.Uniform(0.45f, 0.8f)), coat,
            stage.AnyRelief()));

        int before = random.Below(4);
        for (int i = 0; i < before; i++)
            AddPair(stage, thing, frame, coat, reach: 0.4f, size: random.Uniform(0.08f, 0.25f));
        if (random.Chance(0.5f))
            thing.Shadow = stage.DropShadow(frame.Unit);
        return thing;
    }

    /// <summary>Links one after the other along a bent line: a caterpillar, beads, a train.</summary>
    public static Thing Chain(Stage stage, Frame frame)
    {
        RandomStream random = stage.Random;
        MaterialRecipe coat = stage.NextCoat(frame);
        int links = random.Between(3, 9);
        float bend = random.Uniform(-0.5f, 0.5f), size = 1f / links * random.Uniform(0.9f, 1.3f);
        bool alike = random.Chance(0.5f);
        Thing thing = new();
        for (int i = 0; i < links; i++)
        {
            float x = -1 + (2 * i + 1f) / links;
            Frame link = frame.Inner(x, bend * (1 - 2 * x * x), size, size * random.Uniform(0.9f, 1.6f));
            MaterialRecipe linkCoat = alike ? stage.Tailor.Sibling(coat, 0.5f) : stage.NextCoat(link);
            thing.With(stage.Wear(link, new Outline(link).Ellipse(0, 0, 1, 1), linkCoat, stage.Round()));
        }

        return thing;
    }

    private static void AddPair(Stage stage, Thing thing, Frame frame, MaterialRecipe coat, float reach, float size)
    {
        RandomStream random = stage.Random;
        bool paired = random.Chance(0.6f);
        float x = reach * random.Uniform(paired ? 0.3f : -1, 1), y = reach * random.Uniform(-1, 1);
        float width = size * random.Uniform(0.5f, 1.2f), height = size * random.Uniform(0.5f, 1.2f);
        MaterialRecipe partCoat = random.Chance(0.4f) ? stage.Tailor.Sibling(coat, 0.8f) : stage.NextCoat(frame);
        Outline first = Shape(random, frame, x, y, width, height);
        thing.With(stage.Wear(frame, first, partCoat, stage.AnyRelief()));
        if (paired)
        {
            Frame mirrored = frame.Mirrored();
            thing.With(stage.Wear(mirrored, Shape(random, mirrored, x, y, width, height), partCoat, stage.AnyRelief()));
        }
    }

    private static Outline Shape(RandomStream random, Frame frame, float x, float y, float halfWidth, float halfHeight)
    {
        Outline outline = new(frame);
        return random.Below(4) switch
        {
            0 => outline.Blob(x, y, halfWidth, halfHeight, 0.5f, random),
            1 => outline.RoundedBox(x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight, 0.4f * halfWidth),
            2 => outline.Box(x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight),
            _ => outline.Ellipse(x, y, halfWidth, halfHeight),
        };
    }
}
