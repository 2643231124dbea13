using System.Numerics;
using PocketSam.Training.Data.Effects;
using PocketSam.Training.Data.Scenes.Materials;
using PocketSam.Training.Data.Scenes.Painting;
using PocketSam.Training.Data.Scenes.Shapes;
using PocketSam.Training.Data.Scenes.Things;

namespace PocketSam.Training.Data.Scenes.Compositions;

/// <summary>Seen from above: fields, roads, a lake, roofs, trees and cars.</summary>
internal static class Aerial
{
    public static Scene Compose(Stage stage)
    {
        RandomStream random = stage.Random;
        Color earth = random.Chance(0.5f) ? stage.Palette.Foliage() : stage.Palette.Earth();
        Material ground = Backdrops.Hang(stage, stage.Tailor.Recipe(PatternKind.Noise, earth, 0.5f * stage.Height));
        float turns = random.Chance(0.4f) ? 0 : random.NextFloat();
        Frame map = Frame.Turned(
            0.5f * stage.Width, 0.5f * stage.Height, 0.8f * stage.Width, 0.8f * stage.Height, turns);
        List<Thing> things = [];

        if (random.Chance(0.6f))
            Divide(stage, map, things, -1, -1, 1, 1, depth: random.Between(2, 4));
        if (random.Chance(0.3f))
            things.Add(Lake(stage, map));
        int roads = random.Below(4);
        for (int i = 0; i < roads; i++)
            things.Add(Road(stage, map));

        int count = stage.NextCount();
        float scale = random.Uniform(0.5f, 1.6f) * stage.PixelScale;
        ThingMaker[] makers = [Roof, Roof, Tree, Tree, Car, Roof];
        for (int i = 0; i < count; i++)
        {
            Vector2 place = map.Map(random.Uniform(-0.8f, 0.8f), random.Uniform(-0.8f, 0.8f));
            float half = random.LogUniform(5, 22) * scale;
            float quarter = random.Chance(0.7f) ? 0.25f * random.Below(4) : random.NextFloat();
            Frame frame = Frame.Turned(place.X, place.Y, half, half * random.Uniform(0.5f, 1), turns + quarter);
            things.Add(random.Pick<ThingMaker>(makers)(stage, frame));
        }

        return new Scene(ground, things, stage.Light);
    }

    /// <summary>Splits a rectangle again and again; the pieces are fields with lanes between.</summary>
    private static void Divide(
        Stage stage, Frame map, List<Thing> things, float left, float top, float right, float bottom, int depth)
    {
        RandomStream random = stage.Random;
        if (depth == 0 || random.Chance(0.1f))
        {
            const float Lane = 0.012f;
            Frame field = map.Inner(0.5f * (left + right), 0.5f * (top + bottom), 0.5f * (right - left) - Lane,
                0.5f * (bottom - top) - Lane);
            Color color = random.Chance(0.7f) ? stage.Palette.Foliage() : stage.Palette.Earth();
            if (random.Chance(0.85f))
                things.Add(new Thing().With(stage.Wear(field, new Outline(field).Box(-1, -1, 1, 1), color)));
            return;
        }

        float share = random.Uniform(0.3f, 0.7f);
        if (right - left > bottom - top)
        {
            float middle = left + share * (right - left);
            Divide(stage, map, things, left, top, middle, bottom, depth - 1);
            Divide(stage, map, things, middle, top, right, bottom, depth - 1);
        }
        else
        {
            float middle = top + share * (bottom - top);
            Divide(stage, map, things, left, top, right, middle, depth - 1);
            Divide(stage, map, things, left, middle, right, bottom, depth - 1);
        }
    }

    private static Thing Lake(Stage stage, Frame map)
    {
        RandomStream random = stage.Random;
        Frame frame = map.Inner(random.Uniform(-0.5f, 0.5f), random.Uniform(-0.5f, 0.5f), random.Uniform(0.15f, 0.4f),
            random.Uniform(0.15f, 0.4f));
        return new Thing().With(stage.Wear(
            frame, new Outline(frame).Blob(0, 0, 0.9f, 0.9f, 0.9f, random), stage.Palette.Sky().Times(0.7f).Rounded()));
    }

    private static Thing Road(Stage stage, Frame map)
    {
        RandomStream random = stage.Random;
        float at = random.Uniform(-0.6f, 0.6f), to = at + (random.Chance(0.6f) ? 0 : random.Uniform(-0.5f, 0.5f));
        bool down = random.Chance(0.5f);
        Vector2 from = down ? new(at, -1.2f) : new(-1.2f, at), end = down ? new(to, 1.2f) : new(1.2f, to);
        Vector2[] path = random.Chance(0.6f) ? [from, end] : Curves.Wandering(from, end, 5, 0.06f, random);
        float width = random.LogUniform(0.012f, 0.07f);
        Color color = random.Chance(0.7f) ? Color.Grey(random.Uniform(0.25f, 0.75f)) : stage.Palette.Earth();
        Thing road = new Thing()
            .With(stage.Wear(map.Inner(0, 0, 0.3f, 0.3f), new Outline(map).Stroke(path, width, width), color));
        if (width > 0.03f)
            stage.AddTint(road, new Outline(map).Stroke(path, 0.06f * width, 0.06f * width), Color.Grey(1), 0.8f);
        return road;
    }

    /// <summary>A roof of two slopes, one lit and one not, or a flat one.</summary>
    private static Thing Roof(Stage stage, Frame frame)
    {
        RandomStream random = stage.Random;
        MaterialRecipe coat = stage.NextCoat(frame);
        Thing thing = new() { Shadow = stage.DropShadow(2.5f * frame.Unit) };
        if (random.Chance(0.3f))
            return thing.With(stage.Wear(frame, new Outline(frame).Box(-1, -1, 1, 1), coat));

        float ridge = random.Uniform(-0.2f, 0.2f), hip = random.Chance(0.5f) ? 0 : random.Uniform(0.2f, 0.5f);
        (Color low, Color middle, Color high) = coat.Ramp;
        MaterialRecipe dark = coat with { Ramp = (low.Times(0.7f).Rounded(), middle.Times(0.7f), high.Times(0.7f)) };
        return thing
            .With(stage.Wear(frame, new Outline(frame).Box(-1, -1, 1, 1), coat))
            .With(stage.Wear(frame,
                new Outline(frame).Polygon(new(-1, 1), new(-1 + hip, ridge), new(1 - hip, ridge), new(1, 1)), dark));
    }

    private static Thing Tree(Stage stage, Frame frame)
    {
        Outline crown = new Outline(frame).Blob(0, 0, 0.85f, 0.85f * frame.Aspect, 0.4f, stage.Random);
        return new Thing { Shadow = stage.DropShadow(2 * frame.Unit) }
            .With(stage.Wear(frame, crown, stage.Palette.Foliage(), stage.Round()));
    }

    private static Thing Car(Stage stage, Frame frame)
    {
        Frame car = frame.Inner(0, 0, 0.55f, 0.3f);
        return new Thing { Shadow = stage.DropShadow(frame.Unit) }
            .With(stage.Wear(car, new Outline(car).RoundedBox(-1, -1, 1, 1, 0.35f), stage.Palette.Next(),
                stage.Slanted()))
            .With(stage.Plain(new Outline(car).RoundedBox(-0.4f, -0.8f, 0.5f, 0.8f, 0.2f), Color.Grey(0.15f)));
    }
}
