using PocketSam.Training.Data.Effects;
using PocketSam.Training.Data.Scenes.Materials;
using PocketSam.Training.Data.Scenes.Painting;
using PocketSam.Training.Data.Scenes.Shapes;

namespace PocketSam.Training.Data.Scenes.Things;

/// <summary>What stands, lies and hangs in rooms.</summary>
internal static class Furnishings
{
    public static Thing Chair(Stage stage, Frame frame)
    {
        RandomStream random = stage.Random;
        MaterialRecipe wood = stage.NextCoat(frame);
        float seat = random.Uniform(0, 0.3f), leg = random.Uniform(0.04f, 0.1f);
        Outline legs = new Outline(frame).Line(-0.75f, -0.9f, -0.8f, 0.95f, leg).Line(-0.45f, seat, -0.45f, 0.8f, leg)
            .Line(0.75f, seat, 0.8f, 0.95f, leg).Line(0.5f, seat, 0.5f, 0.8f, leg);
        Outline back = new Outline(frame)
            .Polygon(new(-0.85f, -1), new(-0.55f, -0.9f), new(-0.5f, seat - 0.1f), new(-0.85f, seat));
        Outline bench = new Outline(frame).Polygon(
            new(-0.9f, seat), new(-0.55f, seat - 0.15f), new(0.85f, seat - 0.12f), new(0.95f, seat + 0.12f),
            new(-0.88f, seat + 0.14f));
        return new Thing()
            .With(stage.Wear(frame, legs, wood, stage.Round()))
            .With(stage.Wear(frame, back, random.Chance(0.5f) ? wood : stage.NextCoat(frame), stage.Slanted()))
            .With(stage.Wear(frame, bench, random.Chance(0.5f) ? wood : stage.NextCoat(frame), stage.Slanted()));
    }

    public static Thing Table(Stage stage, Frame frame)
    {
        RandomStream random = stage.Random;
        MaterialRecipe wood = stage.NextCoat(frame);
        float leg = random.Uniform(0.04f, 0.1f), depth = random.Uniform(0.1f, 0.4f),
            thick = random.Uniform(0.06f, 0.16f);
        Outline legs = new Outline(frame).Line(-0.8f, -0.6f, -0.82f, 0.95f, leg).Line(0.8f, -0.6f, 0.82f, 0.95f, leg)
            .Line(-0.55f, -0.6f, -0.56f, 0.6f, leg).Line(0.55f, -0.6f, 0.56f, 0.6f, leg);
        return new Thing()
            .With(stage.Wear(frame, legs, stage.Tailor.Sibling(wood, 0.4f), stage.Round()))
            .With(stage.Wear(frame,
                new Outline(frame).Polygon(new(-1, -1 + depth), new(-0.75f, -1), new(0.75f, -1), new(1, -1 + depth)),
                wood))
            .With(stage.Wear(frame, new Outline(frame).Box(-1, -1 + depth, 1, -1 + depth + thick),
                stage.Tailor.Sibling(wood, 0.5f), stage.Slanted()));
    }

    /// <summary>A chest of drawers, a cupboard, a stove, a rack of servers.</summary>
    public static Thing Cabinet(Stage stage, Frame frame)
    {
        RandomStream random = stage.Random;
        MaterialRecipe wood = stage.NextCoat(frame);
        Thing thing = new Thing().With(stage.Wear(frame, new Outline(frame).Box(-1, -1, 1, 1), wood, stage.Slanted()));
        int columns = random.Between(1, 3), rows = random.Between(1, 5);
        MaterialRecipe front = random.Chance(0.6f) ? stage.Tailor.Sibling(wood, 0.5f) : stage.NextCoat(frame);
        Color knob = stage.Palette.Next();
        float gap = random.Uniform(0.04f, 0.15f);
        for (int i = 0; i < columns * rows; i++)
        {
            float x = (2 * (i % columns) + 1f) / columns - 1, y = (2 * (i / columns) + 1f) / rows - 1;
            Frame drawer = frame.Inner(x, y, (1 - gap) / columns, (1 - gap) / rows);
            thing.With(stage.Wear(drawer, new Outline(drawer).Box(-1, -1, 1, 1), front, stage.Slanted()));
            thing.With(stage.Plain(new Outline(drawer).Ellipse(0, 0, 0.1f, 0.12f), knob, stage.Round()));
        }

        return thing;
    }

    /// <summary>A picture, a window, a mirror or a screen in its frame.</summary>
    public static Thing Picture(Stage stage, Frame frame)
    {
        RandomStream random = stage.Random;
        float inner = 1 - random.Uniform(0.06f, 0.3f);
        Frame canvas = frame.Inner(0, 0, inner, inner);
        Thing thing = new Thing()
            .With(stage.Wear(frame, new Outline(frame).Box(-1, -1, 1, 1), stage.NextCoat(frame), stage.Round()))
            .With(stage.Wear(canvas, new Outline(canvas).Box(-1, -1, 1, 1), stage.Palette.Next()));
        int motifs = random.Below(4);
        for (int i = 0; i < motifs; i++)
        {
            float size = random.Uniform(0.15f, 0.45f);
            Outline motif = new Outline(canvas)
                .Blob(random.Uniform(-0.5f, 0.5f), random.Uniform(-0.5f, 0.5f), size, size, 0.6f, random);
            thing.With(stage.Plain(motif, stage.Palette.Next()));
        }

        thing.Shadow = stage.DropShadow(0.5f * frame.Unit);
        return thing;
    }

    public static Thing Clock(Stage stage, Frame frame)
    {
        RandomStream random = stage.Random;
        float hour = random.NextFloat(), minute = random.NextFloat();
        Color ink = stage.Palette.Next();
        Outline hands = new Outline(frame)
            .Line(0, 0, 0.4f * PortableMath.CosTurns(hour), 0.4f * PortableMath.SinTurns(hour), 0.05f)
            .Line(0, 0, 0.65f * PortableMath.CosTurns(minute), 0.65f * PortableMath.SinTurns(minute), 0.035f);
        for (int i = 0; i < 12; i++)
            hands.Ellipse(0.7f * PortableMath.CosTurns(i / 12f), 0.7f * PortableMath.SinTurns(i / 12f), 0.04f, 0.04f);
        return new Thing { Shadow = stage.DropShadow(0.5f * frame.Unit) }
            .With(stage.Wear(frame, new Outline(frame).Ellipse(0, 0, 1, 1), stage.NextCoat(frame), stage.Round()))
            .With(stage.Plain(new Outline(frame).Ellipse(0, 0, 0.82f, 0.82f),
                stage.Palette.Near(Color.Grey(0.9f), 0.4f), stage.Slanted()))
            .With(stage.Plain(hands, ink));
    }

    /// <summary>A board, a page, a label or a screen with lines of marks like writing.</summary>
    public static Thing Sign(Stage stage, Frame frame)
    {
        RandomStream random = stage.Random;
        Outline board = new Outline(frame).RoundedBox(-1, -1, 1, 1, random.Uniform(0, 0.2f));
        Thing thing = new Thing().With(stage.Wear(frame, board, stage.NextCoat(frame), stage.Slanted()));
        Color ink = stage.Palette.Next();
        int lines = random.Between(1, 5);
        float letter = 0.75f / lines;
        Outline writing = new(frame);
        for (int line = 0; line < lines; line++)
        {
            float y = -0.85f + 1.7f * (line + 0.5f) / lines, x = -0.85f, end = random.Uniform(0.2f, 0.85f);
            float advance = letter * 1.1f / Math.Max(frame.Aspect, 0.3f);
            while (x + 0.7f * advance < end)
            {
                if (random.Chance(0.85f))
                    AddLetter(random, writing, x, y, 0.35f * advance, 0.6f * letter);
                x += advance;
            }
        }

        if (writing.Points.Count > 0)
            thing.With(stage.Plain(writing, ink));
        thing.Shadow = random.Chance(0.4f) ? stage.DropShadow(0.5f * frame.Unit) : null;
        return thing;
    }

    /// <summary>A lamp, an umbrella, a parasol: a canopy on a rod.</summary>
    public static Thing Canopy(Stage stage, Frame frame)
    {
        RandomStream random = stage.Random;
        float rim = random.Uniform(-0.4f, 0), top = random.Uniform(0.2f, 0.9f);
        Outline canopy = random.Chance(0.5f)
            ? new Outline(frame).EllipseSlice(0, rim, 1, rim + 1, 0.5f, 1)
            : new Outline(frame).Polygon(new(-top, -1), new(top, -1), new(1, rim), new(-1, rim));
        return new Thing()
            .With(stage.Wear(frame,
                new Outline(frame).Line(0, rim - 0.1f, 0, 0.93f, random.Uniform(0.03f, 0.08f))
                .Ellipse(0, 0.95f, random.Uniform(0.1f, 0.5f), 0.06f), stage.Palette.Next(), stage.Round()))
            .With(stage.Wear(frame, canopy, stage.NextCoat(frame), stage.Round()));
    }

    /// <summary>A seat with cushions: a sofa, an armchair, a bed from its end.</summary>
    public static Thing Sofa(Stage stage, Frame frame)
    {
        RandomStream random = stage.Random;
        MaterialRecipe cloth = stage.NextCoat(frame);
        Thing thing = new Thing()
            .With(stage.Wear(frame, new Outline(frame).RoundedBox(-0.92f, -1, 0.92f, 0.6f, 0.25f), cloth,
                stage.Round()))
            .With(stage.Wear(frame, new Outline(frame).RoundedBox(-0.95f, 0, 0.95f, 0.9f, 0.1f),
                stage.Tailor.Sibling(cloth, 0.3f), stage.Slanted()))
            .With(stage.Wear(frame,
                new Outline(frame).RoundedBox(-1, -0.4f, -0.72f, 0.95f, 0.12f)
                .RoundedBox(0.72f, -0.4f, 1, 0.95f, 0.12f), stage.Tailor.Sibling(cloth, 0.3f), stage.Round()));
        int cushions = random.Below(4);
        for (int i = 0; i < cushions; i++)
        {
            Frame cushion = frame.Inner(
                random.Uniform(-0.55f, 0.55f), random.Uniform(-0.35f, 0), 0.22f, 0.3f, random.Uniform(-0.06f, 0.06f));
            thing.With(stage.Wear(
                cushion, new Outline(cushion).RoundedBox(-1, -1, 1, 1, 0.4f), stage.Palette.Next(), stage.Round()));
        }

        return thing;
    }

    private static void AddLetter(RandomStream random, Outline writing, float x, float y, float half, float tall)
    {
        float pen = 0.18f * tall;
        float top = y - 0.5f * tall, bottom = y + 0.5f * tall;
        switch (random.Below(5))
        {
            case 0:
                writing.Line(x, top, x, bottom, pen).Line(x, y, x + half, y, pen);
                break;
            case 1:
                writing.Line(x, bottom, x + 0.5f * half, top, pen).Line(x + 0.5f * half, top, x + half, bottom, pen);
                break;
            case 2:
                writing.Line(x, top, x + half, top, pen).Line(x + 0.5f * half, top, x + 0.5f * half, bottom, pen);
                break;
            case 3:
                writing.Ellipse(x + 0.5f * half, y, 0.6f * half, 0.5f * tall)
                    .EllipseHole(x + 0.5f * half, y, 0.3f * half, 0.3f * tall);
                break;
            default:
                writing.Line(x, top, x, bottom, pen).Line(x, bottom, x + half, bottom, pen);
                break;
        }
    }
}
