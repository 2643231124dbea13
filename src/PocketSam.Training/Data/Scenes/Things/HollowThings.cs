using System.Numerics;
using PocketSam.Training.Data.Effects;
using PocketSam.Training.Data.Scenes.Painting;
using PocketSam.Training.Data.Scenes.Shapes;

namespace PocketSam.Training.Data.Scenes.Things;

/// <summary>Things one can look through; what shows in the hole is not theirs.</summary>
internal static class HollowThings
{
    public static Thing Ring(Stage stage, Frame frame)
    {
        RandomStream random = stage.Random;
        float inner = random.Uniform(0.35f, 0.88f);
        float shift = random.Chance(0.3f) ? random.Uniform(-0.6f, 0.6f) * (1 - inner) : 0;
        return Single(stage, frame, new Outline(frame).Ellipse(0, 0, 1, 1).EllipseHole(shift, 0, inner, inner));
    }

    public static Thing PictureFrame(Stage stage, Frame frame)
    {
        float inner = 1 - stage.Random.Uniform(0.1f, 0.45f);
        return Single(stage, frame, new Outline(frame).Box(-1, -1, 1, 1).BoxHole(-inner, -inner, inner, inner));
    }

    /// <summary>Bars across an opening: a window, a grate, a fence, a rack.</summary>
    public static Thing Lattice(Stage stage, Frame frame)
    {
        RandomStream random = stage.Random;
        int columns = random.Between(1, 6), rows = random.Between(1, 4);
        float bar = random.Uniform(0.08f, 0.3f);
        float cellWidth = (2 - bar / columns) / columns, cellHeight = (2 - bar / rows) / rows;
        Outline outline = new Outline(frame).Box(-1, -1, 1, 1);
        for (int i = 0; i < columns * rows; i++)
        {
            float left = -1 + bar / columns + i % columns * cellWidth;
            float top = -1 + bar / rows + i / columns * cellHeight;
            outline.BoxHole(left, top, left + cellWidth - bar / columns, top + cellHeight - bar / rows);
        }

        return Single(stage, frame, outline);
    }

    /// <summary>A toothed wheel with a hole and perhaps more round it.</summary>
    public static Thing Gear(Stage stage, Frame frame)
    {
        RandomStream random = stage.Random;
        int teeth = random.Between(6, 16);
        float root = random.Uniform(0.7f, 0.88f);
        Span<Vector2> rim = stackalloc Vector2[4 * teeth];
        for (int i = 0; i < rim.Length; i++)
        {
            float turns = (i + 0.5f) / rim.Length;
            rim[i] = new Vector2(PortableMath.CosTurns(turns), PortableMath.SinTurns(turns)) * (i % 4 < 2 ? 1 : root);
        }

        float hole = random.Uniform(0.12f, 0.35f);
        Outline outline = new Outline(frame).Polygon(rim).EllipseHole(0, 0, hole, hole);
        int more = random.Chance(0.5f) ? random.Between(3, 6) : 0;
        float ringRadius = 0.5f * (hole + root);
        for (int i = 0; i < more; i++)
        {
            float turns = (float)i / more;
            outline.EllipseHole(
                ringRadius * PortableMath.CosTurns(turns), ringRadius * PortableMath.SinTurns(turns),
                0.3f * (root - hole),
                0.3f * (root - hole));
        }

        return Single(stage, frame, outline);
    }

    /// <summary>A lump with holes: cheese, a sponge, lace.</summary>
    public static Thing Holey(Stage stage, Frame frame)
    {
        RandomStream random = stage.Random;
        Outline outline = new Outline(frame).Blob(0, 0, 0.9f, 0.9f, 0.3f, random);
        int cells = random.Between(2, 4);
        float cell = 1.1f / cells;
        for (int i = 0; i < cells * cells; i++)
        {
            float x = -0.55f + (i % cells + 0.5f) * cell, y = -0.55f + (i / cells + 0.5f) * cell;
            float radius = cell * random.Uniform(0.15f, 0.45f);
            if (random.Chance(0.7f))
                outline.EllipseHole(x, y, radius, radius * random.Uniform(0.7f, 1));
        }

        return Single(stage, frame, outline);
    }

    private static Thing Single(Stage stage, Frame frame, Outline outline)
    {
        Thing thing = new Thing().With(stage.Wear(frame, outline, stage.NextCoat(frame), stage.AnyRelief()));
        if (stage.Random.Chance(0.5f))
            thing.Shadow = stage.DropShadow(frame.Unit);
        return thing;
    }
}
