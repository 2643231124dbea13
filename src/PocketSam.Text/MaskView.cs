namespace PocketSam.Text;

/// <summary>What CLIP is shown of a mask.</summary>
internal static class MaskView
{
    /// <summary>Side of the square over that of the mask's box.</summary>
    private const double Margin = 1.2;

    /// <summary>
    /// The square around a mask; what lies around the mask is half the picture and half CLIP's mean colour, as is all of what lies
    /// beyond the picture, so that the mask is what matters and its surroundings are still told.
    /// </summary>
    /// <param name="image">The picture.</param>
    /// <param name="mask">A mask of it that is not empty.</param>
    /// <param name="mean">Mean of red, green and blue, 0 to 1.</param>
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
