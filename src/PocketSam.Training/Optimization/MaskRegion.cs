namespace PocketSam.Training.Optimization;

/// <summary>
/// The cells of a square map that show the picture: it lies at the top left, the rest is padding and counts in no loss.
/// </summary>
/// <param name="Width">Columns of picture.</param>
/// <param name="Height">Rows of picture.</param>
/// <param name="Side">Rows and columns of the map.</param>
internal readonly record struct MaskRegion(int Width, int Height, int Side)
{
    /// <summary>Cells of picture.</summary>
    public int Cells => Width * Height;

    /// <summary>All of a map.</summary>
    public static MaskRegion Whole(int side) => new(side, side, side);

    /// <summary>
    /// The region of a picture of at most <paramref name="size"/> pixels a side in a map with a cell for
    /// <paramref name="stride"/> pixels; a cell with any picture in it counts.
    /// </summary>
    public static MaskRegion Of(RgbImage image, int size, int stride)
        => new((image.Width + stride - 1) / stride, (image.Height + stride - 1) / stride, size / stride);

    /// <summary>Stretches of the map that lie in one piece: one where no column is padding, else one a row.</summary>
    public (int Count, int Length) Stretches => Width == Side ? (1, Width * Height) : (Height, Width);
}
