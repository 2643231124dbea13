using PocketSam.Training.Data.Effects;
using PocketSam.Training.Data.Scenes.Materials;
using PocketSam.Training.Data.Scenes.Painting;
using PocketSam.Training.Data.Scenes.Shapes;
using PocketSam.Training.Data.Scenes.Things;

namespace PocketSam.Training.Data.Scenes.Compositions;

/// <summary>Boards with things side by side on them: books, bottles, goods in a shop, a tool wall.</summary>
internal static class Shelves
{
    public static Scene Compose(Stage stage)
    {
        RandomStream random = stage.Random;
        Color wood = random.Chance(0.6f) ? stage.Palette.Earth() : stage.Palette.Next();
        MaterialRecipe board = stage.Tailor.Recipe(wood, 0.3f * stage.Height);
        Material back = Backdrops.Hang(stage, stage.Tailor.Sibling(board, 0.8f));
        int boards = random.Between(1, 4);
        float step = (float)stage.Height / boards;
        float thick = stage.Height * random.Uniform(0.012f, 0.05f);
        int left = Math.Max(stage.NextCount(), stage.NextCount());
        List<Thing> things = [];
        for (int i = 0; i < boards; i++)
        {
            float y = step * (i + random.Uniform(0.85f, 0.95f));
            Frame plank = Frame.Upright(0.5f * stage.Width, y + 0.5f * thick, 0.55f * stage.Width, 0.5f * thick);
            things.Add(new Thing { Shadow = stage.DropShadow(thick * 4) }
                .With(stage.Wear(plank, new Outline(plank).Box(-1, -1, 1, 1), board, stage.Slanted())));
            int here = (int)Math.Ceiling(left * random.Uniform(0.6f, 1.4f) / (boards - i));
            here = Math.Min(here, left);
            AddRow(stage, things, y, 0.8f * step, here);
            left -= here;
        }

        return Focus.Set(stage, new Scene(back, things, stage.Light), probability: 0.1f);
    }

    private static void AddRow(Stage stage, List<Thing> things, float foot, float room, int count)
    {
        RandomStream random = stage.Random;
        bool books = random.Chance(0.4f);
        bool alike = random.Chance(0.35f);
        ThingKind same = Catalogue.Pick(Catalogue.Ware, random);
        float usual = random.Uniform(0.5f, 0.95f) * room;
        if (alike && random.Chance(0.6f))
            stage.Uniform = stage.Tailor.Recipe(stage.Palette.Next(), usual);

        float x = random.Uniform(-0.05f, 0.2f) * stage.Width;
        for (int i = 0; i < count && x < stage.Width; i++)
        {
            float size = usual * (alike ? 1 : random.Uniform(0.55f, 1.05f));
            if (books)
            {
                float width = size * random.Uniform(0.1f, 0.35f);
                things.Add(Book(stage, Frame.Upright(x + 0.5f * width, foot - 0.5f * size, 0.5f * width, 0.5f * size)));
                x += width + (random.Chance(0.1f) ? 0.2f * size : 0);
            }
            else
            {
                ThingKind kind = alike ? same : Catalogue.Pick(Catalogue.Ware, random);
                float width = size * Math.Min(1, MathF.Sqrt(kind.MinAspect * kind.MaxAspect));
                Thing thing = kind.Stand(stage, x + 0.5f * width, foot, size);
                things.Add(thing);
                x += width * random.Uniform(0.8f, 1.5f);
            }
        }

        stage.Uniform = null;
    }

    private static Thing Book(Stage stage, Frame frame)
    {
        RandomStream random = stage.Random;
        Thing thing = new Thing()
            .With(stage.Wear(frame, new Outline(frame).Box(-0.97f, -1, 0.97f, 1), stage.NextCoat(frame),
            stage.Round()));
        if (random.Chance(0.5f))
        {
            float top = random.Uniform(-0.8f, 0.3f), height = random.Uniform(0.1f, 0.5f);
            thing.With(stage.Wear(
                frame, new Outline(frame).Box(-0.97f, top, 0.97f, top + height), stage.Palette.Next(), stage.Round()));
        }

        return thing;
    }
}
