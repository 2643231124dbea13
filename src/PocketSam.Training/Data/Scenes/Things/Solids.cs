using System.Numerics;
using PocketSam.Training.Data.Effects;
using PocketSam.Training.Data.Scenes.Materials;
using PocketSam.Training.Data.Scenes.Painting;
using PocketSam.Training.Data.Scenes.Shapes;

namespace PocketSam.Training.Data.Scenes.Things;

/// <summary>Bodies of which several faces show, each lit in its own way.</summary>
internal static class Solids
{
    /// <summary>A box seen from above and one side: front, side and top are parts.</summary>
    public static Thing Cuboid(Stage stage, Frame frame)
    {
        RandomStream random = stage.Random;
        MaterialRecipe coat = stage.NextCoat(frame);
        float edge = random.Uniform(-0.1f, 0.75f), shoulder = random.Uniform(-0.85f, -0.2f);
        float back = random.Uniform(0.05f, 0.3f), foot = random.Uniform(0.55f, 0.9f);
        Vector2 frontTop = new(edge, shoulder), rightTop = new(1, shoulder - back), leftTop = new(-1, shoulder);
        Vector2 backTop = new(1 - (edge + 1) * 0.8f, Math.Max(shoulder - back - 0.1f, -1));
        Thing thing = new Thing()
            .With(Face(stage, frame, coat, 1, new(-1, foot), leftTop, frontTop, new(edge, 1)))
            .With(Face(stage, frame, coat, random.Uniform(0.55f, 0.8f), new(edge, 1), frontTop, rightTop,
                new(1, foot - back)))
            .With(Face(stage, frame, coat, random.Uniform(1.1f, 1.4f), leftTop, frontTop, rightTop, backTop));
        if (random.Chance(0.35f))
        {
            float band = random.Uniform(0.08f, 0.25f), middle = 0.5f * (edge - 1);
            thing.With(Face(
                stage, frame, stage.NextCoat(frame), 1, new(middle - band, 0.5f * (foot + 1)),
                new(middle - band, shoulder),
                new(middle + band, shoulder), new(middle + band, 0.5f * (foot + 1))));
        }

        if (random.Chance(0.5f))
            thing.Shadow = stage.DropShadow(frame.Unit);
        return thing;
    }

    /// <summary>A can, a drum, a candle, a pillar.</summary>
    public static Thing Cylinder(Stage stage, Frame frame)
    {
        RandomStream random = stage.Random;
        MaterialRecipe coat = stage.NextCoat(frame);
        float flatness = random.Uniform(0.08f, 0.3f);
        Outline wall = new Outline(frame).Box(-1, -1 + flatness, 1, 1 - flatness).Ellipse(0, 1 - flatness, 1, flatness)
            .Ellipse(0, -1 + flatness, 1, flatness);
        Thing thing = new Thing()
            .With(stage.Wear(frame, wall, coat, stage.Round()))
            .With(Lit(stage, frame, new Outline(frame).Ellipse(0, -1 + flatness, 1, flatness), coat,
                random.Uniform(0.6f, 1.4f)));
        if (random.Chance(0.4f))
        {
            float top = random.Uniform(-0.5f, 0.1f), height = random.Uniform(0.2f, 0.6f);
            thing.With(stage.Wear(
                frame, new Outline(frame).Box(-1, top, 1, top + height), stage.NextCoat(frame), stage.Round()));
        }

        return thing;
    }

    /// <summary>A ball, perhaps with a seam and a highlight.</summary>
    public static Thing Ball(Stage stage, Frame frame)
    {
        Thing thing = new Thing().With(stage.Wear(
            frame, new Outline(frame).Ellipse(0, 0, 1, 1), stage.NextCoat(frame), new Relief(1, 0.2f)));
        Vector2 toward = stage.Light.Toward * 0.45f;
        if (stage.Random.Chance(0.5f))
            stage.AddTint(thing, new Outline(frame).Ellipse(toward.X, toward.Y, 0.16f, 0.13f), Color.Grey(1), 0.6f);
        if (stage.Random.Chance(0.5f))
            thing.Shadow = stage.DropShadow(frame.Unit);
        return thing;
    }

    /// <summary>A tent, a roof, a cone: a lit and a dark face meeting at an edge.</summary>
    public static Thing Pyramid(Stage stage, Frame frame)
    {
        RandomStream random = stage.Random;
        MaterialRecipe coat = stage.NextCoat(frame);
        Vector2 tip = new(random.Uniform(-0.3f, 0.3f), -1), edge = new(random.Uniform(-0.5f, 0.5f), 1);
        return new Thing()
            .With(Face(stage, frame, coat, 1, new(-1, random.Uniform(0.6f, 1)), tip, edge))
            .With(Face(stage, frame, coat, random.Uniform(0.5f, 0.8f), edge, tip, new(1, random.Uniform(0.6f, 1))));
    }

    private static Part Face(
        Stage stage, Frame frame, MaterialRecipe coat, float light, params ReadOnlySpan<Vector2> corners)
        => Lit(stage, frame, new Outline(frame).Polygon(corners), coat, light);

    private static Part Lit(Stage stage, Frame frame, Outline outline, MaterialRecipe coat, float light)
    {
        (Color low, Color middle, Color high) = coat.Ramp;
        coat = coat with { Ramp = (low.Times(light).Rounded(), middle.Times(light), high.Times(light)) };
        return stage.Wear(frame, outline, coat, stage.Slanted());
    }
}
