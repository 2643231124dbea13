using System.Numerics;
using PocketSam.Training.Data.Effects;
using PocketSam.Training.Data.Scenes.Materials;
using PocketSam.Training.Data.Scenes.Painting;
using PocketSam.Training.Data.Scenes.Shapes;

namespace PocketSam.Training.Data.Scenes.Things;

/// <summary>What grows.</summary>
internal static class Plants
{
    public static Thing Leaf(Stage stage, Frame frame)
    {
        Thing thing = new Thing().With(LeafPart(stage, frame));
        stage.AddTint(thing, new Outline(frame).Line(-0.95f, 0, 0.9f, 0, 0.03f), Color.Grey(0.1f), 0.3f);
        if (stage.Random.Chance(0.5f))
            thing.Shadow = stage.DropShadow(frame.Unit);
        return thing;
    }

    /// <summary>A leaf pointing along x.</summary>
    public static Part LeafPart(Stage stage, Frame frame)
    {
        float belly = stage.Random.Uniform(0.6f, 1.1f);
        Outline outline = new Outline(frame).Smooth(
            new(-1, 0), new(-0.4f, -belly), new(0.35f, -0.7f * belly), new(1, 0), new(0.35f, 0.7f * belly),
            new(-0.4f, belly));
        Color color = stage.Random.Chance(0.8f) ? stage.Palette.Foliage() : stage.Palette.Next();
        return stage.Wear(frame, outline, color, stage.AnyRelief());
    }

    /// <summary>A flower seen from the front, petals and heart, with or without a stem.</summary>
    public static Thing Flower(Stage stage, Frame frame)
    {
        RandomStream random = stage.Random;
        bool stemmed = random.Chance(0.5f);
        Frame head = stemmed ? frame.Inner(0, -0.5f, 0.8f, 0.5f) : frame;
        Thing thing = new();
        if (stemmed)
        {
            Vector2[] path = Curves.Wandering(new(0, -0.5f), new(random.Uniform(-0.2f, 0.2f), 1), 3, 0.1f, random);
            thing.With(stage.Wear(frame, new Outline(frame).Stroke(path, 0.05f, 0.06f), stage.Palette.Foliage()));
            thing.With(LeafPart(stage, frame.Inner(0.35f, 0.5f, 0.35f, 0.12f, random.Uniform(-0.1f, 0.05f))));
        }

        int petals = random.Between(4, 13);
        float width = random.Uniform(0.9f, 1.5f) * 1.6f / petals;
        MaterialRecipe coat = stage.NextCoat(head);
        bool separate = petals < 8 && random.Chance(0.4f);
        Outline all = new(head);
        for (int i = 0; i < petals; i++)
        {
            float turns = (float)i / petals;
            Frame petal = head.Inner(
                0.55f * PortableMath.CosTurns(turns), 0.55f * PortableMath.SinTurns(turns), 0.45f, width, turns);
            if (separate)
                thing.With(stage.Wear(
                    petal, new Outline(petal).Ellipse(0, 0, 1, 1), stage.Tailor.Sibling(coat, 0.25f), stage.Round()));
            else
                all.Append(new Outline(petal).Ellipse(0, 0, 1, 1));
        }

        if (!separate)
            thing.With(stage.Wear(head, all, coat, stage.AnyRelief()));
        float heart = random.Uniform(0.15f, 0.4f);
        return thing.With(stage.Wear(
            head, new Outline(head).Ellipse(0, 0, heart, heart), stage.Palette.Next(), stage.Round()));
    }

    /// <summary>A trunk and a crown of lumps.</summary>
    public static Thing Tree(Stage stage, Frame frame)
    {
        RandomStream random = stage.Random;
        float trunk = random.Uniform(0.05f, 0.16f);
        Outline stem = new Outline(frame)
            .Polygon(new(-1.5f * trunk, 1), new(-trunk, -0.2f), new(trunk, -0.2f), new(1.5f * trunk, 1));
        if (random.Chance(0.5f))
            stem.Line(0, 0.3f, random.Uniform(-0.5f, 0.5f), -0.3f, 0.6f * trunk);
        Outline crown = new(frame);
        int lumps = random.Between(1, 8);
        for (int i = 0; i < lumps; i++)
        {
            float turns = random.NextFloat(), reach = lumps == 1 ? 0 : 0.5f;
            float size = lumps == 1 ? 0.9f : random.Uniform(0.35f, 0.5f);
            crown.Blob(
                reach * PortableMath.CosTurns(turns), -0.35f + 0.6f * reach * PortableMath.SinTurns(turns), size,
                0.7f * size, 0.3f,
                random);
        }

        Thing thing = new Thing()
            .With(stage.Wear(frame, stem, stage.Palette.Earth().Times(0.7f).Rounded(), stage.Round()))
            .With(stage.Wear(frame, crown, Foliage(stage), stage.Round()));
        return thing;
    }

    /// <summary>A fir: skirts one over the other.</summary>
    public static Thing Conifer(Stage stage, Frame frame)
    {
        RandomStream random = stage.Random;
        int skirts = random.Between(1, 5);
        Outline crown = new(frame);
        for (int i = 0; i < skirts; i++)
        {
            float top = -1 + 1.5f * i / (skirts + 0.6f), bottom = -1 + 1.8f * (i + 1) / skirts;
            float half = 0.35f + 0.65f * (i + 1) / skirts;
            crown.Polygon(new(0, top), new(half, bottom), new(0.3f * half, bottom - 0.05f), new(-half, bottom));
        }

        return new Thing()
            .With(stage.Wear(frame, new Outline(frame).Box(-0.12f, 0.6f, 0.12f, 1), stage.Palette.Earth()))
            .With(stage.Wear(frame, crown, Foliage(stage), stage.AnyRelief()));
    }

    public static Thing Mushroom(Stage stage, Frame frame)
    {
        RandomStream random = stage.Random;
        float half = random.Uniform(0.18f, 0.4f), rim = random.Uniform(-0.3f, 0.1f);
        Outline stem = new Outline(frame).Smooth(
            new(-half, rim - 0.1f), new(half, rim - 0.1f), new(half * 1.2f, 0.9f), new(0, 1), new(-half * 1.2f, 0.9f));
        Outline cap = new Outline(frame).EllipseSlice(0, rim, 1, rim + 1, 0.5f, 1).Ellipse(0, rim, 1, 0.12f);
        return new Thing()
            .With(stage.Wear(frame, stem, stage.Palette.Skin(), stage.Round()))
            .With(stage.Wear(frame, cap, stage.NextCoat(frame), stage.Round()));
    }

    /// <summary>Leaves or blades from a pot.</summary>
    public static Thing Potted(Stage stage, Frame frame)
    {
        RandomStream random = stage.Random;
        Thing thing = new();
        MaterialRecipe coat = Foliage(stage);
        int leaves = random.Between(4, 9);
        for (int i = 0; i < leaves; i++)
        {
            float turns = -0.25f + random.Uniform(-0.18f, 0.18f), length = random.Uniform(0.4f, 0.7f);
            Frame leaf = frame.Inner(
                0.8f * length * PortableMath.CosTurns(turns), 0.35f + length * PortableMath.SinTurns(turns), length,
                random.Uniform(0.08f, 0.2f), turns);
            thing.With(stage.Wear(
                leaf, new Outline(leaf)
                    .Smooth(new(-1, 0), new(0, -0.9f), new(1, 0), new(0, 0.9f)), stage.Tailor.Sibling(coat, 0.5f),
                stage.AnyRelief()));
        }

        Outline pot = new Outline(frame).Polygon(new(-0.55f, 0.3f), new(0.55f, 0.3f), new(0.4f, 1), new(-0.4f, 1));
        return thing.With(stage.Wear(frame, pot, stage.NextCoat(frame), stage.Round()));
    }

    private static MaterialRecipe Foliage(Stage stage)
    {
        Color color = stage.Random.Chance(0.85f) ? stage.Palette.Foliage() : stage.Palette.Next();
        MaterialRecipe coat = stage.Tailor.Recipe(PatternKind.Noise, color, 50);
        if (coat.Kind != PatternKind.Noise)
            return coat;

        NoiseTile tile = stage.Random.Pick<NoiseTile>([NoiseTile.Mosaic, NoiseTile.Spots, NoiseTile.Cloud]);
        return coat with { Tile = tile, DetailStrength = stage.Random.Uniform(0.1f, 0.45f),
            DetailTile = NoiseTile.Grain };
    }
}
