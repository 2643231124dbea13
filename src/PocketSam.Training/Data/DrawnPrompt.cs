using PocketSam.Training.Data.Effects;

namespace PocketSam.Training.Data;

/// <summary>Prompts for a mask as people give them: a box a little off its edges, a click anywhere inside.</summary>
internal static class DrawnPrompt
{
    /// <summary>
    /// SAM's jitter of a box: standard deviation relative to the box's side, and largest shift in pixels at an input of
    /// 1024 (Kirillov et al., "Segment Anything", 2023, appendix A).
    /// </summary>
    private const float Jitter = 0.1f, MaxJitterAt1024 = 20f;

    /// <summary>The box of a mask, each edge moved on its own.</summary>
    /// <param name="mask">The mask, not empty.</param>
    /// <param name="size">The longest side that the mask's pixels are of; the largest shift is 20 of them where it is 1024.</param>
    /// <param name="random">Where the shifts come from.</param>
    /// <returns>Left, top, right and bottom in pixels, inside the picture; the box itself where less than a pixel would be left.</returns>
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

    /// <summary>A pixel of a mask, all equally likely.</summary>
    /// <exception cref="InvalidOperationException">The mask is empty.</exception>
    public static (int X, int Y) Pixel(BinaryMask mask, RandomStream random)
    {
        int left = random.Below(mask.Area);
        for (int y = 0; y < mask.Height; y++)
        {
            int inRow = MaskRow.Count(mask.Row(y), 0, mask.Width);
            if (left >= inRow)
            {
                left -= inRow;
                continue;
            }

            for (int x = 0; x < mask.Width; x++)
            {
                if (mask[x, y] && left-- == 0)
                    return (x, y);
            }
        }

        throw new InvalidOperationException("the mask is empty");
    }
}
