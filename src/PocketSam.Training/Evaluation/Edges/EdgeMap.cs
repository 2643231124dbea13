namespace PocketSam.Training.Evaluation.Edges;

/// <summary>Edge strength of each pixel, 0 to 1.</summary>
/// <param name="Width">Width, in pixels.</param>
/// <param name="Height">Height, in pixels.</param>
/// <param name="Strengths">Strengths, <c>[height, width]</c>.</param>
internal sealed record EdgeMap(int Width, int Height, float[] Strengths)
{
    /// <summary>The pixels whose strength is at least a threshold.</summary>
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
    /// Non-maximum suppression across edges, as in Canny's detector: a pixel is kept if it is not below the two
    /// interpolated values one pixel away along the gradient.
    /// </summary>
    /// <param name="directions">The gradient at each pixel, <c>[height, width]</c>; a pixel with a zero gradient is
    /// removed.</param>
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

    /// <summary>The strength at a point between pixels, interpolated bilinearly; 0 outside of the map.</summary>
    private float At(float x, float y)
    {
        int left = (int)MathF.Floor(x), top = (int)MathF.Floor(y);
        float right = x - left, below = y - top;
        return (Pixel(left, top) * (1 - right) + Pixel(left + 1, top) * right) * (1 - below)
            + (Pixel(left, top + 1) * (1 - right) + Pixel(left + 1, top + 1) * right) * below;
    }

    private float Pixel(int x, int y) => (uint)x < (uint)Width && (uint)y < (uint)Height ? Strengths[y * Width + x] : 0;
}
