namespace PocketSam.Training.Data;

/// <summary>A rectangle of a picture in fractional pixels, and whether to mirror it horizontally.</summary>
internal readonly record struct CropWindow(float Left, float Top, float Width, float Height, bool Flip)
{
    /// <summary>
    /// The size in pixels with a longest side of <paramref name="longest"/>, both sides rounded to multiples of
    /// <paramref name="multiple"/>.
    /// </summary>
    public (int Width, int Height) SizeFor(int longest, int multiple = 1)
    {
        float scale = longest / MathF.Max(Width, Height) / multiple;
        return (ToPixels(Width * scale, longest / multiple) * multiple, ToPixels(Height * scale, longest / multiple) * multiple);
    }

    /// <summary>Number of the mask's pixels inside the window, with edges rounded to whole pixels.</summary>
    public int Count(BinaryMask mask)
    {
        int left = (int)MathF.Round(Left);
        int right = Math.Min((int)MathF.Round(Left + Width), mask.Width);
        int bottom = Math.Min((int)MathF.Round(Top + Height), mask.Height);
        int count = 0;
        for (int y = (int)MathF.Round(Top); y < bottom; y++)
            count += MaskRow.Count(mask.Row(y), left, right);
        return count;
    }

    private static int ToPixels(float length, int longest) => Math.Clamp((int)MathF.Round(length), 1, longest);
}
