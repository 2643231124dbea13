namespace PocketSam.Training.Evaluation.Edges;

/// <summary>How sure it is of each pixel that an edge is there, 0 to 1.</summary>
/// <param name="Width">Pixels in a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Strengths">Row by row.</param>
internal sealed record EdgeMap(int Width, int Height, float[] Strengths)
{
    /// <summary>The pixels of at least a strength.</summary>
    public BinaryMask AtLeast(double threshold)
    {
        var mask = new BinaryMask(Width, Height);
        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < Width; x++)
            {
                if (Strengths[y * Width + x] >= threshold)
                    mask[x, y] = true;
            }
        }

        return mask;
    }

    /// <summary>
    /// Keeps what is strongest across its direction, as Canny's detector does: a pixel stays that is not below the two values a pixel
    /// away along the gradient, each taken between two neighbours.
    /// </summary>
    /// <param name="directions">Gradient at each pixel; where it is none the pixel goes.</param>
    public EdgeMap Suppress((float X, float Y)[] directions)
    {
        float[] kept = new float[Strengths.Length];
        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < Width; x++)
            {
                float strength = Strengths[y * Width + x];
                (float dx, float dy) = directions[y * Width + x];
                float length = Math.Max(Math.Abs(dx), Math.Abs(dy));
                if (strength <= 0 || length <= 0)
                    continue;
                if (strength >= At(x + dx / length, y + dy / length) && strength >= At(x - dx / length, y - dy / length))
                    kept[y * Width + x] = strength;
            }
        }

        return this with { Strengths = kept };
    }

    /// <summary>The strength between pixels; 0 outside.</summary>
    private float At(float x, float y)
    {
        int left = (int)MathF.Floor(x), top = (int)MathF.Floor(y);
        float right = x - left, below = y - top;
        return (Pixel(left, top) * (1 - right) + Pixel(left + 1, top) * right) * (1 - below)
            + (Pixel(left, top + 1) * (1 - right) + Pixel(left + 1, top + 1) * right) * below;
    }

    private float Pixel(int x, int y) => (uint)x < (uint)Width && (uint)y < (uint)Height ? Strengths[y * Width + x] : 0;
}
