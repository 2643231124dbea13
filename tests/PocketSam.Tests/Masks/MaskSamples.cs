namespace PocketSam.Tests.Masks;

/// <summary>Masks of awkward sizes, and masks written as text.</summary>
internal static class MaskSamples
{
    /// <summary>Widths around the 64-bit words and the vectors, and single rows and columns.</summary>
    public static TheoryData<int, int> Sizes
    {
        get
        {
            var sizes = new TheoryData<int, int>
            {
                { 1, 1 }, { 1, 130 }, { 130, 1 }, { 64, 64 }, { 128, 3 }, { 257, 9 },
            };
            for (int width = 2; width <= 130; width++)
                sizes.Add(width, 1 + width * 7 % 23);
            return sizes;
        }
    }

    /// <summary>Noise, an empty mask, a full one and a few overlapping boxes.</summary>
    public static IEnumerable<BinaryMask> Of(int width, int height)
    {
        var random = new Random(width * 1000 + height);
        foreach (double density in (double[])[0, 0.05, 0.5, 0.97, 1])
            yield return Noise(width, height, density, random);

        var boxes = new BinaryMask(width, height);
        for (int i = 0; i < 3; i++)
        {
            int left = random.Next(width), top = random.Next(height);
            boxes.Fill(new PixelBox(left, top, random.Next(width - left) + 1, random.Next(height - top) + 1));
        }

        yield return boxes;
    }

    public static BinaryMask Noise(int width, int height, double density, Random random)
    {
        var mask = new BinaryMask(width, height);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
                mask[x, y] = random.NextDouble() < density;
        }

        return mask;
    }

    /// <summary>A mask from rows of text; '#' is set.</summary>
    public static BinaryMask Parse(params string[] rows)
    {
        var mask = new BinaryMask(rows[0].Length, rows.Length);
        for (int y = 0; y < mask.Height; y++)
        {
            for (int x = 0; x < mask.Width; x++)
                mask[x, y] = rows[y][x] == '#';
        }

        return mask;
    }

    public static string[] Print(BinaryMask mask)
        => [.. Enumerable.Range(0, mask.Height).Select(y =>
            string.Concat(Enumerable.Range(0, mask.Width).Select(x => mask[x, y] ? '#' : '.')))];
}
