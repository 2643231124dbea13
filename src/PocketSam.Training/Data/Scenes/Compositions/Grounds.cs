using System.Numerics;
using PocketSam.Training.Data.Effects;
using PocketSam.Training.Data.Scenes.Materials;
using PocketSam.Training.Data.Scenes.Painting;
using PocketSam.Training.Data.Scenes.Shapes;
using PocketSam.Training.Data.Scenes.Things;

namespace PocketSam.Training.Data.Scenes.Compositions;

/// <summary>Large surfaces that reach across the picture: earth, water, hills, floors.</summary>
internal static class Grounds
{
    /// <summary>Everything below a level or wavy line at height <paramref name="top"/> in pixels.</summary>
    public static Thing Below(Stage stage, float top, float roughness, MaterialRecipe coat)
        => Band(stage, top, stage.Height + 2, roughness, coat);

    /// <summary>What lies between a level or wavy line and a lower, level one.</summary>
    public static Thing Band(Stage stage, float top, float bottom, float roughness, MaterialRecipe coat)
    {
        const int Points = 12;
        Frame whole = Frame.Upright(0.5f * stage.Width, 0.5f * stage.Height, 0.5f * stage.Width, 0.5f * stage.Height);
        Frame pixels = Frame.Upright(0, 0, 1, 1);
        Span<Vector2> ridge = stackalloc Vector2[Points];
        for (int i = 0; i < Points; i++)
        {
            ridge[i] = new Vector2(
                stage.Width * (-0.1f + 1.2f * i / (Points - 1)),
                top + roughness * stage.Height * stage.Random.Normal());
        }

        Vector2[] line = roughness > 0 ? Curves.Open(ridge) : ridge.ToArray();
        Outline outline = new Outline(pixels).Polygon(
            [.. line, new Vector2(1.1f * stage.Width, bottom), new Vector2(-0.1f * stage.Width, bottom)]);
        return new Thing().With(stage.Wear(whole, outline, coat));
    }

    /// <summary>A band from the bottom to a vanishing point on the horizon: a road, a river, a furrow.</summary>
    public static Thing Road(Stage stage, float horizon)
    {
        RandomStream random = stage.Random;
        Frame pixels = Frame.Upright(0, 0, 1, 1);
        float far = random.Uniform(0.2f, 0.8f) * stage.Width, near = random.Uniform(0, 1) * stage.Width;
        float wide = random.Uniform(0.12f, 0.5f) * stage.Width, narrow = 0.02f * wide;
        float bend = random.Uniform(-0.15f, 0.15f) * stage.Width, middle = horizon + 0.3f * (stage.Height - horizon);
        float middleX = far + 0.3f * (near - far) + bend, middleWide = 0.28f * wide;
        Vector2[] left = Curves.Open(
            [new(far - narrow, horizon), new(middleX - middleWide, middle), new(near - wide, stage.Height + 2)]);
        Vector2[] right = Curves.Open(
            [new(near + wide, stage.Height + 2), new(middleX + middleWide, middle), new(far + narrow, horizon)]);
        Color color = random.Chance(0.6f) ? Color.Grey(random.Uniform(0.2f, 0.7f)) : stage.Palette.Next();
        Frame whole = Frame.Upright(near, stage.Height, wide, wide);
        Thing road = new Thing().With(stage.Wear(whole, new Outline(pixels).Polygon([.. left, .. right]), color));
        if (random.Chance(0.5f))
        {
            Outline mark = new Outline(pixels).Polygon(
                new(far, horizon), new(middleX - 0.06f * middleWide, middle),
                new(near - 0.06f * wide, stage.Height + 2),
                new(near + 0.06f * wide, stage.Height + 2), new(middleX + 0.06f * middleWide, middle));
            stage.AddTint(road, mark, Color.Grey(1), 0.8f);
        }

        return road;
    }
}
