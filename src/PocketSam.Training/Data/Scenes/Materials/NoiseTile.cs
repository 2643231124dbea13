using PocketSam.Training.Data.Effects;

namespace PocketSam.Training.Data.Scenes.Materials;

/// <summary>
/// A square of noise that repeats without a seam, values 0 to 1. Computed once; pictures differ by where, at what scale
/// and at what angle they read it.
/// </summary>
internal sealed class NoiseTile
{
    /// <summary>Texels along a side; a power of two.</summary>
    public const int Size = 256;

    private readonly float[] _texels;

    private NoiseTile(float[] texels)
    {
        _texels = texels;
    }

    /// <summary>Soft detail at all scales: clouds, dirt, skin, fog.</summary>
    public static NoiseTile Cloud { get; } = Fractal(new RandomStream(101), firstCells: 4, octaves: 6, ridged: false);

    /// <summary>Fine grain only: sand, felt; drawn out, fur and brushed metal.</summary>
    public static NoiseTile Grain { get; } = Fractal(new RandomStream(102), firstCells: 32, octaves: 3, ridged: false);

    /// <summary>Sharp veins: marble, cracks, rock.</summary>
    public static NoiseTile Vein { get; } = Fractal(new RandomStream(103), firstCells: 4, octaves: 5, ridged: true);

    /// <summary>Distance to the nearest of scattered points: spots, pebbles, scales.</summary>
    public static NoiseTile Spots { get; } = Cells(new RandomStream(104), cells: 16, mosaic: false);

    /// <summary>A random value for each cell round scattered points: leaves, gravel, camouflage.</summary>
    public static NoiseTile Mosaic { get; } = Cells(new RandomStream(105), cells: 24, mosaic: true);

    /// <summary>The value at a place in texels, between the four nearest.</summary>
    public float Sample(float u, float v)
    {
        float floorU = MathF.Floor(u), floorV = MathF.Floor(v);
        float restU = u - floorU, restV = v - floorV;
        int left = (int)floorU & (Size - 1);
        int right = (left + 1) & (Size - 1);
        int upper = ((int)floorV & (Size - 1)) * Size;
        int lower = (upper + Size) & (Size * Size - 1);

        float[] texels = _texels;
        float top = texels[upper + left] + (texels[upper + right] - texels[upper + left]) * restU;
        float bottom = texels[lower + left] + (texels[lower + right] - texels[lower + left]) * restU;
        return top + (bottom - top) * restV;
    }

    private static NoiseTile Fractal(RandomStream random, int firstCells, int octaves, bool ridged)
    {
        float[] sum = new float[Size * Size];
        float strength = 1;
        for (int octave = 0; octave < octaves; octave++)
        {
            AddOctave(sum, firstCells << octave, strength, ridged, random);
            strength *= 0.55f;
        }

        return new NoiseTile(Stretch(sum));
    }

    private static void AddOctave(float[] sum, int cells, float strength, bool ridged, RandomStream random)
    {
        float[] corners = new float[cells * cells];
        for (int i = 0; i < corners.Length; i++)
            corners[i] = random.NextFloat();

        for (int y = 0; y < Size; y++)
        {
            (int row, float restY) = Split(y, cells);
            for (int x = 0; x < Size; x++)
            {
                (int column, float restX) = Split(x, cells);
                int nextColumn = (column + 1) % cells, nextRow = (row + 1) % cells;
                float top = Mix(corners[row * cells + column], corners[row * cells + nextColumn], restX);
                float bottom = Mix(corners[nextRow * cells + column], corners[nextRow * cells + nextColumn], restX);
                float value = Mix(top, bottom, restY);
                if (ridged)
                    value = 1 - Math.Abs(2 * value - 1);
                sum[y * Size + x] += value * strength;
            }
        }
    }

    /// <summary>The cell of a texel, and how far into it, eased so that cells join smoothly.</summary>
    private static (int Cell, float Into) Split(int texel, int cells)
    {
        float place = (float)texel * cells / Size;
        int cell = (int)place;
        float rest = place - cell;
        return (cell, rest * rest * (3 - 2 * rest));
    }

    private static float Mix(float a, float b, float at) => a + (b - a) * at;

    private static NoiseTile Cells(RandomStream random, int cells, bool mosaic)
    {
        float cellSize = (float)Size / cells;
        (float X, float Y, float Value)[] seeds = new (float, float, float)[cells * cells];
        for (int i = 0; i < seeds.Length; i++)
        {
            seeds[i] = (
                (i % cells + random.NextFloat()) * cellSize, (i / cells + random.NextFloat()) * cellSize,
                random.NextFloat());
        }

        float[] texels = new float[Size * Size];
        for (int y = 0; y < Size; y++)
        {
            for (int x = 0; x < Size; x++)
            {
                (float distance, float value) = Nearest(seeds, cells, cellSize, x, y);
                texels[y * Size + x] = mosaic ? value : distance;
            }
        }

        return new NoiseTile(mosaic ? texels : Stretch(texels));
    }

    private static (float Distance, float Value) Nearest(
        (float X, float Y, float Value)[] seeds, int cells, float cellSize, int x, int y)
    {
        int column = (int)(x / cellSize), row = (int)(y / cellSize);
        float best = float.MaxValue, value = 0;
        for (int offset = 0; offset < 9; offset++)
        {
            int nearColumn = column + offset % 3 - 1, nearRow = row + offset / 3 - 1;
            int wrappedColumn = (nearColumn + cells) % cells, wrappedRow = (nearRow + cells) % cells;
            (float seedX, float seedY, float seedValue) = seeds[wrappedRow * cells + wrappedColumn];
            float dx = seedX + (nearColumn - wrappedColumn) * cellSize - x;
            float dy = seedY + (nearRow - wrappedRow) * cellSize - y;
            float distance = dx * dx + dy * dy;
            if (distance < best)
                (best, value) = (distance, seedValue);
        }

        return (MathF.Sqrt(best), value);
    }

    /// <summary>To 0..1 from the smallest to the largest value.</summary>
    private static float[] Stretch(float[] values)
    {
        float low = values.Min(), high = values.Max();
        return Array.ConvertAll(values, value => (value - low) / (high - low));
    }
}
