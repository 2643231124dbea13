using PocketSam.Training.Data.Effects;

namespace PocketSam.Training.Data;

/// <summary>
/// Draws random prompts for a mask, like those of a person: a box that is slightly off, a click anywhere inside.
/// </summary>
internal static class DrawnPrompt
{
    /// <summary>
    /// SAM's jitter of a box: standard deviation relative to the box's side, and largest shift in pixels at an input
    /// size of 1024 (Kirillov et al., arXiv:2304.02643, appendix A).
    /// </summary>
    private const float Jitter = 0.1f, MaxJitterAt1024 = 20f;

    /// <summary>Draws a box: the bounding box of a mask, with each edge shifted independently.</summary>
    /// <param name="mask">The mask, not empty.</param>
    /// <param name="size">
    /// The input size, in pixels of the mask; the largest shift is 20 pixels for a size of 1024, in proportion for
    /// others.
    /// </param>
    /// <param name="random">Draws the shifts.</param>
    /// <returns>
    /// Left, top, right and bottom in pixels, inside the picture; the bounding box itself if the shifted box is
    /// narrower or lower than one pixel.
    /// </returns>
    public static (float Left, float Top, float Right, float Bottom) Box(BinaryMask mask, int size, RandomStream random)
    {
        PixelBox box = mask.Bounds;
        float dx = box.Width * Jitter, dy = box.Height * Jitter, most = MaxJitterAt1024 * size / 1024f;
        float left = Move(box.X, dx, mask.Width), top = Move(box.Y, dy, mask.Height);
        float right = Move(box.Right, dx, mask.Width), bottom = Move(box.Bottom, dy, mask.Height);
        return right - left < 1 || bottom - top < 1 ? (box.X, box.Y, box.Right, box.Bottom) : (left, top, right, bottom);

        float Move(int edge, float deviation, int limit)
        {
            // The sum of three uniform numbers is approximately normal with variance 1/4.
            float normal = 2 * (random.NextFloat() + random.NextFloat() + random.NextFloat() - 1.5f);
            return Math.Clamp(edge + Math.Clamp(normal * deviation, -most, most), 0, limit);
        }
    }

    /// <summary>Draws a pixel of a mask, all with the same probability.</summary>
    /// <exception cref="InvalidOperationException">The mask is empty.</exception>
    public static (int X, int Y) Pixel(BinaryMask mask, RandomStream random)
    {
        int index = random.Below(mask.Area);
        for (int y = 0; y < mask.Height; y++)
        {
            int inRow = MaskRow.Count(mask.Row(y), 0, mask.Width);
            if (index >= inRow)
            {
                index -= inRow;
                continue;
            }

            for (int x = 0; x < mask.Width; x++)
            {
                if (mask[x, y] && index-- == 0)
                    return (x, y);
            }
        }

        throw new InvalidOperationException("the mask is empty");
    }
}
