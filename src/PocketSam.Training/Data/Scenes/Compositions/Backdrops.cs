using PocketSam.Training.Data.Effects;
using PocketSam.Training.Data.Scenes.Materials;
using PocketSam.Training.Data.Scenes.Shapes;
using PocketSam.Training.Data.Scenes.Things;

namespace PocketSam.Training.Data.Scenes.Compositions;

/// <summary>What fills the picture behind everything; it has no mask.</summary>
internal static class Backdrops
{
    /// <summary>A backdrop of any kind: even, graded, textured or cluttered.</summary>
    public static Material Fill(Stage stage)
    {
        RandomStream random = stage.Random;
        Color color = stage.Palette.Next();
        PatternKind kind = (PatternKind)random.PickWeighted([0.6f, 2, 0.7f, 4, 0.5f, 0.3f, 0.2f, 0.5f, 0.2f]);
        return Hang(stage, stage.Tailor.Recipe(kind, color, 0.6f * stage.Height));
    }

    /// <summary>From one colour of the sky to another, perhaps with clouds.</summary>
    public static Material Sky(Stage stage)
    {
        RandomStream random = stage.Random;
        Color top = random.Chance(0.75f) ? stage.Palette.Sky() : stage.Palette.Next();
        Color bottom = random.Chance(0.7f)
            ? Color.Mix(top, Color.Grey(1), random.Uniform(0.2f, 0.9f))
            : stage.Palette.Next();
        MaterialRecipe sky = stage.Tailor.Recipe(PatternKind.Linear, top, stage.Height) with
        {
            Ramp = (top, Color.Mix(top, bottom, 0.5f), bottom),
            Turns = 0.25f,
            Scale = random.Uniform(0.6f, 1.2f),
            DetailStrength = random.Chance(0.3f) ? 0.04f : 0,
            MarkingColor = null,
        };
        if (random.Chance(0.5f))
        {
            sky = sky with
            {
                Kind = PatternKind.Noise,
                Tile = NoiseTile.Cloud,
                Stretch = random.Uniform(0.25f, 0.8f),
                Scale = random.Uniform(0.5f, 1.6f) * stage.PixelScale,
                Turns = 0,
                Sharpness = 0.3f * random.NextFloat(),
            };
        }

        return Hang(stage, sky);
    }

    /// <summary>Covers the picture with a coat and remembers it for camouflage.</summary>
    public static Material Hang(Stage stage, MaterialRecipe coat)
    {
        stage.Backdrop = coat;
        Frame whole = Frame.Upright(0.5f * stage.Width, 0.5f * stage.Height, 0.5f * stage.Width, 0.5f * stage.Height);
        return stage.Tailor.Cut(coat, whole);
    }
}
