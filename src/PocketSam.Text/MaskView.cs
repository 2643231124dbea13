namespace PocketSam.Text;

/// <summary>Makes the picture of a mask that CLIP sees.</summary>
internal static class MaskView
{
    /// <summary>Side of the square relative to the longer side of the mask's box.</summary>
    private const double Margin = 1.2;

    /// <summary>
    /// A square around a mask. Pixels outside the mask are the average of the picture and CLIP's mean colour, and those
    /// outside the picture are the mean colour, so that the mask dominates and its surroundings remain visible.
    /// </summary>
    /// <param name="image">The picture.</param>
    /// <param name="mask">A mask of the picture, not empty.</param>
    /// <param name="mean">Mean of red, green and blue, 0 to 1.</param>
    /// <returns>RGB, a square of 1.2 times the longer side of the mask's box.</returns>
    public static RgbImage Of(RgbImage image, Rle mask, float[] mean)
    {
        PixelBox box = mask.Bounds;
        int side = Math.Max(1, (int)Math.Ceiling(Math.Max(box.Width, box.Height) * Margin));
        int left = box.X + (box.Width - side) / 2, top = box.Y + (box.Height - side) / 2;
        var view = new RgbImage(side, side);
        byte[] colour = [.. mean.Select(v => (byte)Math.Clamp(MathF.Round(255 * v), 0, 255))];
        for (int i = 0; i < view.Pixels.Length; i++)
            view.Pixels[i] = colour[i % 3];

        int firstX = Math.Max(0, left), endX = Math.Min(image.Width, left + side);
        for (int y = Math.Max(0, top); y < Math.Min(image.Height, top + side); y++)
        {
            ReadOnlySpan<byte> source = image.Pixels.AsSpan(3 * (y * image.Width + firstX), 3 * (endX - firstX));
            Span<byte> target = view.Pixels.AsSpan(3 * ((y - top) * side + firstX - left), source.Length);
            for (int i = 0; i < source.Length; i++)
                target[i] = (byte)((source[i] + target[i] + 1) / 2);
        }

        BinaryMask bits = mask.Crop(box);
        for (int y = 0; y < bits.Height; y++)
        {
            for (int x = bits.NextSet(y, 0); x < bits.Width;)
            {
                int end = bits.NextClear(y, x);
                image.Pixels.AsSpan(3 * ((box.Y + y) * image.Width + box.X + x), 3 * (end - x))
                    .CopyTo(view.Pixels.AsSpan(3 * ((box.Y + y - top) * side + box.X + x - left)));
                x = bits.NextSet(y, end);
            }
        }

        return view;
    }
}
