using PocketSam.Training.Data.Effects;
using PocketSam.Training.Data.Scenes.Materials;
using PocketSam.Training.Data.Scenes.Painting;
using PocketSam.Training.Data.Scenes.Shapes;
using PocketSam.Training.Data.Scenes.Things;

namespace PocketSam.Training.Data.Scenes.Compositions;

/// <summary>
/// Many of a kind and nearly of a size: cells under a microscope, coins, tiles, pills, people in a crowd. Scattered,
/// touching or on a grid.
/// </summary>
internal static class Colony
{
    // How often a place too near another thing is drawn anew.
    private const int MaxDraws = 12;

    public static Scene Compose(Stage stage)
    {
        RandomStream random = stage.Random;
        Material background = Backdrops.Fill(stage);
        int count = Math.Max(stage.NextCount(), stage.NextCount());
        float span = MathF.Sqrt((float)stage.Width * stage.Height / Math.Max(count, 4));
        float size = Math.Clamp(span * random.Uniform(0.55f, 1.15f), 12, 0.5f * stage.Height);
        bool shapes = random.Chance(0.6f);
        ThingKind kind = Catalogue.Pick(shapes ? Catalogue.Shapes : Catalogue.Anything, random);
        if (random.Chance(0.8f))
            stage.Uniform = stage.Tailor.Recipe(stage.Palette.Next(), size);

        float variety = random.Chance(0.5f) ? 0.1f : 0.4f;
        List<Thing> things = [];
        foreach ((float x, float y) in random.Chance(0.4f) ? Grid(stage, count) : Strewn(stage, count, size))
        {
            float thisSize = size * (1 + variety * random.Uniform(-1, 1));
            Thing thing = kind.Make(stage, x, y, thisSize);
            if (shapes && random.Chance(0.7f) && variety > 0.2f)
                AddNucleus(stage, thing, x, y, 0.15f * thisSize);
            things.Add(thing);
        }

        stage.Uniform = null;
        return Focus.Set(stage, new Scene(background, things, stage.Light), probability: 0.1f);
    }

    private static void AddNucleus(Stage stage, Thing thing, float x, float y, float radius)
    {
        Frame frame = Frame.Upright(x, y, radius, radius);
        Outline outline = new Outline(frame).Blob(0, 0, 1, 1, 0.3f, stage.Random);
        thing.With(stage.Wear(
            frame, outline, stage.Palette.Near(stage.Uniform?.Ramp.Low ?? stage.Palette.Next(), 0.9f)));
    }

    private static List<(float X, float Y)> Grid(Stage stage, int count)
    {
        RandomStream random = stage.Random;
        int columns = Math.Max(1, (int)MathF.Round(MathF.Sqrt((float)count * stage.Width / stage.Height)));
        int rows = Math.Max(1, count / columns);
        float jitter = random.Chance(0.5f) ? 0 : random.Uniform(0, 0.25f);
        float stagger = random.Chance(0.3f) ? 0.5f : 0;
        List<(float, float)> places = [];
        for (int i = 0; i < Math.Min(columns * rows, count); i++)
        {
            int row = i / columns;
            float x = i % columns + 0.5f + stagger * (row & 1) + random.Uniform(-jitter, jitter);
            float y = row + 0.5f + random.Uniform(-jitter, jitter);
            places.Add((x * stage.Width / columns, y * stage.Height / rows));
        }

        return places;
    }

    private static List<(float X, float Y)> Strewn(Stage stage, int count, float size)
    {
        RandomStream random = stage.Random;
        float apart = size * random.Uniform(0.5f, 1.1f);
        List<(float X, float Y)> places = [];
        for (int i = 0; i < count; i++)
        {
            for (int draw = 0; draw < MaxDraws; draw++)
            {
                float x = random.NextFloat() * stage.Width, y = random.NextFloat() * stage.Height;
                if (places.TrueForAll(place => Squared(place.X - x) + Squared(place.Y - y) > apart * apart))
                {
                    places.Add((x, y));
                    break;
                }
            }
        }

        return places;
    }

    private static float Squared(float value) => value * value;
}
