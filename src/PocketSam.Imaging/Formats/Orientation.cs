namespace PocketSam.Imaging.Formats;

/// <summary>
/// EXIF orientation: where the first row and the first column of the stored picture are in the upright one. 1 top left,
/// 2 top right, 3 bottom right, 4 bottom left; 5 to 8 are left top, right top, right bottom, left bottom.
/// </summary>
internal static class Orientation
{
    public const int Normal = 1;

    /// <summary>Whether rows of the stored picture are columns of the upright one.</summary>
    public static bool IsTransposed(int orientation) => orientation >= 5;

    public static RgbImage Upright(RgbImage stored, int orientation)
    {
        if (orientation == Normal)
            return stored;

        bool transposed = IsTransposed(orientation);
        bool fromRight = orientation is 2 or 3 or 7 or 8;
        bool fromBottom = orientation is 3 or 4 or 6 or 7;
        RgbImage upright = transposed ? new(stored.Height, stored.Width) : new(stored.Width, stored.Height);

        // Steps in bytes in the stored picture for one pixel to the right and one down in the upright one.
        int storedRow = 3 * stored.Width;
        int alongRow = fromRight ? -3 : 3;
        int alongColumn = fromBottom ? -storedRow : storedRow;
        (int right, int down) = transposed ? (alongColumn, alongRow) : (alongRow, alongColumn);
        int rowStart = (fromRight ? storedRow - 3 : 0) + (fromBottom ? (stored.Height - 1) * storedRow : 0);

        ReadOnlySpan<byte> source = stored.Pixels;
        Span<byte> target = upright.Pixels;
        int to = 0;
        for (int y = 0; y < upright.Height; y++, rowStart += down)
        {
            int from = rowStart;
            for (int x = 0; x < upright.Width; x++, from += right, to += 3)
            {
                target[to] = source[from];
                target[to + 1] = source[from + 1];
                target[to + 2] = source[from + 2];
            }
        }

        return upright;
    }
}
