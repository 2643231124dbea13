using System.Numerics;
using PocketSam.Training.Data.Effects;
using PocketSam.Training.Data.Scenes.Materials;
using PocketSam.Training.Data.Scenes.Painting;
using PocketSam.Training.Data.Scenes.Shapes;

namespace PocketSam.Training.Data.Scenes.Things;

/// <summary>People: one thing of many textures, with clothes, heads and limbs as parts.</summary>
internal static class People
{
    private const int HeadGroup = 1;

    public static Thing Person(Stage stage, Frame outer)
    {
        RandomStream random = stage.Random;
        Frame frame = outer.Square();
        Color skin = stage.Palette.Skin(), shirtColor = stage.Palette.Next(), trouserColor = stage.Palette.Next();
        MaterialRecipe shirt = stage.Tailor.Recipe(shirtColor, 0.5f * frame.Unit);
        MaterialRecipe trousers = stage.Tailor.Recipe(trouserColor, 0.5f * frame.Unit);
        float build = random.Uniform(0.8f, 1.35f), hip = random.Uniform(0.02f, 0.15f);
        float shoulderY = -0.6f, shoulderX = 0.2f * build, limb = 0.06f * build;

        Thing thing = new();
        AddArm(stage, thing, frame, new(-shoulderX, shoulderY + 0.06f), -1, limb, skin, shirt);
        Outline legs = new(frame), shoes = new(frame);
        AddLeg(random, legs, shoes, new(-0.09f * build, hip), limb * 1.35f);
        AddLeg(random, legs, shoes, new(0.09f * build, hip), limb * 1.35f);
        bool bare = random.Chance(0.15f);
        thing.With(stage.Wear(frame, legs, bare ? MaterialRecipe.Flat(skin) : trousers, stage.Round()));
        thing.With(stage.Plain(shoes, stage.Palette.Next(), stage.Slanted()));
        if (bare || random.Chance(0.2f))
        {
            float hem = hip + random.Uniform(0.15f, 0.5f), flare = random.Uniform(0.16f, 0.34f) * build;
            thing.With(stage.Wear(frame,
                new Outline(frame).Polygon(new(-0.15f * build, hip - 0.1f), new(0.15f * build, hip - 0.1f),
                new(flare, hem), new(-flare, hem)), trousers, stage.Slanted()));
        }

        thing.With(stage.Plain(
            new Outline(frame).Line(0, -0.8f, 0, shoulderY + 0.05f, 0.055f * build), skin.Times(0.85f).Rounded()));
        Outline torso = new Outline(frame).Smooth(
            new(-shoulderX, shoulderY), new(0, shoulderY - 0.05f), new(shoulderX, shoulderY),
            new(0.16f * build, -0.25f),
            new(0.17f * build, hip + 0.04f), new(-0.17f * build, hip + 0.04f), new(-0.16f * build, -0.25f));
        thing.With(stage.Wear(frame, torso, shirt, stage.Round()));
        if (random.Chance(0.25f))
            thing.With(stage.Plain(new Outline(frame).Polygon(new(-0.04f, shoulderY), new(0.04f, shoulderY),
                new(0.03f, -0.15f), new(-0.03f, -0.15f)), stage.Palette.Next()));
        AddArm(stage, thing, frame, new(shoulderX, shoulderY + 0.06f), 1, limb, skin, shirt);
        AddHead(stage, thing, frame.Inner(
            random.Uniform(-0.03f, 0.03f), -0.83f, 0.12f, 0.155f, random.Uniform(-0.03f, 0.03f)), skin);
        if (random.Chance(0.2f))
            thing.With(Bag(stage, frame.Inner(0.28f * build, 0.1f, 0.13f, 0.16f)));
        return thing;
    }

    /// <summary>Head and shoulders, as in a portrait.</summary>
    public static Thing Bust(Stage stage, Frame frame)
    {
        RandomStream random = stage.Random;
        Color skin = stage.Palette.Skin();
        Thing thing = new();
        Outline shoulders = new Outline(frame).Smooth(
            new(-0.95f, 1.2f), new(-0.8f, 0.55f), new(-0.2f, 0.3f), new(0.2f, 0.3f), new(0.8f, 0.55f),
            new(0.95f, 1.2f));
        thing.With(stage.Wear(frame, shoulders, stage.NextCoat(frame), stage.Round()));
        thing.With(stage.Plain(
            new Outline(frame).Line(0, 0, 0, 0.4f, 0.17f), skin.Times(0.85f).Rounded(), stage.Slanted()));
        AddHead(stage, thing, frame.Inner(
            0, -0.3f, random.Uniform(0.36f, 0.46f), random.Uniform(0.5f, 0.6f), random.Uniform(-0.03f, 0.03f)), skin);
        return thing;
    }

    /// <summary>Fills its frame with a face; hair may stand out.</summary>
    private static void AddHead(Stage stage, Thing thing, Frame frame, Color skin)
    {
        RandomStream random = stage.Random;
        Color hair = random.Chance(0.8f)
            ? stage.Palette.Between(0.03f, 0.12f, 0.6f, 0.05f, 0.8f)
            : stage.Palette.Next();
        MaterialRecipe locks = stage.Tailor.Fur(hair, frame.Unit);
        bool fromBehind = random.Chance(0.15f);
        float length = random.Uniform(-0.3f, 1.1f);
        if (length > 0)
            thing.With(stage.Wear(
                frame, new Outline(frame).RoundedBox(-1.1f, -1, 1.1f, length, 0.8f), locks) with { Group = HeadGroup });

        Outline face = new Outline(frame)
            .Smooth(new(-0.92f, -0.1f), new(-0.6f, -0.9f), new(0.6f, -0.9f), new(0.92f, -0.1f), new(0.55f, 0.75f),
            new(0, 1), new(-0.55f, 0.75f))
            .Ellipse(-0.95f, 0.05f, 0.12f, 0.2f).Ellipse(0.95f, 0.05f, 0.12f, 0.2f);
        thing.With(stage.Wear(frame, face, MaterialRecipe.Flat(skin), stage.Round()) with { Group = HeadGroup });
        if (!fromBehind)
            AddFace(stage, thing, frame, skin);

        float fringe = fromBehind ? 0.6f : random.Uniform(-0.75f, -0.35f);
        Outline top = random.Chance(0.85f)
            ? new Outline(frame).Smooth(new(-1.05f, fringe + 0.3f), new(-0.95f, -0.8f), new(0, -1.2f),
                new(0.95f, -0.8f), new(1.05f, fringe + 0.3f), new(0.6f, fringe), new(-0.3f, fringe - 0.1f))
            : new Outline(frame).Box(-1.4f, -0.55f, 1.4f, -0.4f).RoundedBox(-0.95f, -1.5f, 0.95f, -0.4f, 0.4f);
        if (random.Chance(0.92f))
            thing.With(stage.Wear(frame, top, locks, stage.Round()) with { Group = HeadGroup });
    }

    private static void AddFace(Stage stage, Thing thing, Frame frame, Color skin)
    {
        // Large enough to count as parts only in portraits.
        Color dark = Color.Grey(stage.Random.Uniform(0.02f, 0.25f));
        foreach (float x in (ReadOnlySpan<float>)[-0.38f, 0.38f])
        {
            thing.With(stage.Plain(
                new Outline(frame).Ellipse(x, -0.1f, 0.19f, 0.09f), Color.Grey(0.95f)) with { Group = HeadGroup });
            stage.AddTint(thing, new Outline(frame).Ellipse(x, -0.1f, 0.09f, 0.09f), dark, 0.95f);
            stage.AddTint(thing, new Outline(frame).Line(x - 0.2f, -0.3f, x + 0.2f, -0.31f, 0.04f), dark, 0.7f);
        }

        stage.AddTint(thing, new Outline(frame).Polygon(new(-0.06f, -0.05f), new(0.14f, 0.3f), new(-0.1f, 0.3f)),
            skin.Times(0.6f), 0.5f);
        float smile = stage.Random.Uniform(0, 0.1f);
        Outline mouth = new Outline(frame)
            .Smooth(new(-0.3f, 0.5f - smile), new(0, 0.47f), new(0.3f, 0.5f - smile), new(0, 0.58f + smile));
        thing.With(stage.Plain(
            mouth, stage.Palette.Between(-0.03f, 0.03f, 0.7f, 0.4f, 0.8f)) with { Group = HeadGroup });
        if (stage.Random.Chance(0.2f))
        {
            Outline glasses = new Outline(frame).Ellipse(-0.4f, -0.1f, 0.3f, 0.2f)
                .EllipseHole(-0.4f, -0.1f, 0.24f, 0.15f)
                .Ellipse(0.4f, -0.1f, 0.3f, 0.2f).EllipseHole(0.4f, -0.1f, 0.24f, 0.15f)
                    .Line(-0.12f, -0.12f, 0.12f, -0.12f, 0.03f);
            thing.With(stage.Plain(glasses, dark) with { Group = HeadGroup });
        }
    }

    private static void AddLeg(RandomStream random, Outline legs, Outline shoes, Vector2 from, float width)
    {
        float stride = random.Uniform(-0.16f, 0.16f);
        Vector2 knee = new(from.X + 0.6f * stride + random.Uniform(-0.04f, 0.04f), 0.5f);
        Vector2 foot = new(from.X + stride, 0.92f);
        legs.Stroke([from, knee, foot], width, 0.65f * width);
        shoes.Ellipse(foot.X + 0.04f, 0.95f, 0.1f, 0.05f);
    }

    private static void AddArm(
        Stage stage, Thing thing, Frame frame, Vector2 shoulder, float side, float width, Color skin,
        MaterialRecipe sleeve)
    {
        RandomStream random = stage.Random;
        float upper = random.Uniform(0.02f, 0.4f), lower = upper - random.Uniform(-0.1f, 0.25f);
        if (random.Chance(0.15f))
            lower = random.Uniform(0.5f, 0.9f);
        Vector2 elbow = shoulder + new Vector2(
            side * PortableMath.SinTurns(0.5f * upper), PortableMath.CosTurns(0.5f * upper)) * 0.27f;
        Vector2 hand = elbow + new Vector2(
            side * PortableMath.SinTurns(0.5f * lower), PortableMath.CosTurns(0.5f * lower)) * 0.26f;
        bool longSleeve = random.Chance(0.6f);
        thing.With(stage.Plain(new Outline(frame).Stroke([elbow, hand], 0.75f * width, 0.6f * width).Ellipse(
            hand.X, hand.Y, 0.05f, 0.06f), skin, stage.Round()));
        Vector2[] sleeved = longSleeve ? [shoulder, elbow, hand + (elbow - hand) * 0.15f] : [shoulder, elbow];
        Outline cloth = new Outline(frame).Stroke(sleeved, width, 0.8f * width);
        thing.With(stage.Wear(frame, cloth, stage.Tailor.Sibling(sleeve, 0.2f), stage.Round()));
    }

    private static Part Bag(Stage stage, Frame frame)
        => stage.Wear(
            frame, new Outline(frame).RoundedBox(-1, -0.2f, 1, 1, 0.2f).Ellipse(0, -0.2f, 0.6f, 0.8f)
                .EllipseHole(0, -0.25f, 0.45f, 0.6f),
            stage.NextCoat(frame), stage.Slanted());
}
