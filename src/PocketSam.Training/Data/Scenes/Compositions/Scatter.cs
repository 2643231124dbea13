using PocketSam.Training.Data.Effects;
using PocketSam.Training.Data.Scenes.Materials;
using PocketSam.Training.Data.Scenes.Painting;
using PocketSam.Training.Data.Scenes.Things;

namespace PocketSam.Training.Data.Scenes.Compositions;

/// <summary>Things of all sizes anywhere, over one another: the "dead leaves" of the name.</summary>
internal static class Scatter
{
    public static Scene Compose(Stage stage)
    {
        RandomStream random = stage.Random;
        Material background = Backdrops.Fill(stage);

        // Mostly bare shapes, mostly composed things, or both.
        float shapeShare = random.NextFloat();
        int count = stage.NextCount();

        // Few things have to be larger to fill a picture as well as many.
        bool bold = random.Chance(count < 20 ? 0.75f : 0.15f);
        List<(float Depth, Thing Thing)> placed = [];
        for (int i = 0; i < count; i++)
        {
            float size = bold ? Math.Max(stage.NextSize(), stage.NextSize()) : stage.NextSize();
            ThingKind kind = Catalogue.Pick(random.Chance(shapeShare) ? Catalogue.Shapes : Catalogue.Anything, random);
            Thing thing = kind.Make(
                stage, random.Uniform(-0.05f, 1.05f) * stage.Width, random.Uniform(-0.05f, 1.05f) * stage.Height, size);

            // Large things tend to be far back, or little else would show.
            float depth = (float)PortableMath.Log(size) + 0.6f * random.Normal();
            placed.Add((-depth, thing));
        }

        List<Thing> things = [.. placed.OrderBy(item => item.Depth).Select(item => item.Thing)];
        return Focus.Set(stage, new Scene(background, things, stage.Light));
    }
}
