namespace PocketSam.Imaging.Tests.Exports;

internal static class MaskSamples
{
    public static AnnotatedPicture Picture(string path, int width, int height, params BinaryMask[] masks)
        => new(path, width, height, [.. masks.Select(mask => new Annotation(mask))]);

    /// <summary>Noise of several densities, from nothing to everything.</summary>
    public static BinaryMask[] Noise(int width, int height)
    {
        var random = new Random(width * 100 + height);
        return [.. ((double[])[0, 0.1, 0.5, 0.9, 1]).Select(density =>
        {
            var mask = new BinaryMask(width, height);
            for (int y = 0; y < height; y++)
            {
                for (int x = 0; x < width; x++)
                    mask[x, y] = random.NextDouble() < density;
            }

            return mask;
        })];
    }
}
