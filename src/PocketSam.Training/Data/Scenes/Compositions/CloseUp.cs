using PocketSam.Training.Data.Effects;
using PocketSam.Training.Data.Scenes.Materials;
using PocketSam.Training.Data.Scenes.Painting;
using PocketSam.Training.Data.Scenes.Shapes;
using PocketSam.Training.Data.Scenes.Things;

namespace PocketSam.Training.Data.Scenes.Compositions;

/// <summary>One to three large things near the middle, before little else that is often out of focus.</summary>
internal static class CloseUp
{
    public static Scene Compose(Stage stage)
    {
        RandomStream random = stage.Random;
        Material background = random.Chance(0.3f) ? Backdrops.Sky(stage) : Backdrops.Fill(stage);
        List<Thing> things = [];
        if (random.Chance(0.4f))
        {
            float top = stage.Height * random.Uniform(0.4f, 0.85f);
            things.Add(Grounds.Below(stage, top, 0, stage.Tailor.Recipe(stage.Palette.Next(), 0.4f * stage.Height)));
        }

        int behind = random.Below(Math.Min(stage.NextCount(), 12) + 1);
        for (int i = 0; i < behind; i++)
        {
            things.Add(Catalogue.Pick(Catalogue.Anything, random).Make(
                stage, random.NextFloat() * stage.Width, random.NextFloat() * stage.Height, stage.NextSize()));
        }

        int firstSharp = things.Count;
        int large = random.Chance(0.6f) ? 1 : random.Between(2, 3);
        for (int i = 0; i < large; i++)
        {
            float size = stage.Height * random.Uniform(0.5f, 1.3f) / MathF.Sqrt(large);
            things.Add(Catalogue.Pick(Catalogue.Anything, random).Make(
                stage, random.Uniform(0.25f, 0.75f) * stage.Width, random.Uniform(0.3f, 0.7f) * stage.Height, size));
        }

        if (random.Chance(0.15f))
            things.Add(ThinThings.Tuft(stage, Frame.Upright(
                random.NextFloat() * stage.Width, 0.9f * stage.Height, 0.25f * stage.Width, 0.2f * stage.Height)));

        Scene scene = new(background, things, stage.Light);
        return stage.CameraEffects && random.Chance(0.5f)
            ? scene with { FirstSharp = firstSharp, Defocus = random.LogUniform(0.7f, 3) * stage.PixelScale }
            : scene;
    }
}
