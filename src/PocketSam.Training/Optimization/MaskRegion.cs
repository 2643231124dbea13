namespace PocketSam.Training.Optimization;

/// <summary>
/// The cells of a square map within the picture, which is at its top left. The other cells are padding, and excluded
/// from losses.
/// </summary>
/// <param name="Width">Width of the picture, in cells.</param>
/// <param name="Height">Height of the picture, in cells.</param>
/// <param name="Side">Height and width of the map, in cells.</param>
internal readonly record struct MaskRegion(int Width, int Height, int Side)
{
    /// <summary>Number of cells within the picture.</summary>
    public int Cells => Width * Height;

    /// <summary>The whole map.</summary>
    public static MaskRegion Whole(int side) => new(side, side, side);

    /// <summary>
    /// The region of a picture of at most <paramref name="size"/> pixels per side, in a map with one cell per
    /// <paramref name="stride"/> pixels. Cells that are partly within the picture are included.
    /// </summary>
    public static MaskRegion Of(RgbImage image, int size, int stride)
        => new((image.Width + stride - 1) / stride, (image.Height + stride - 1) / stride, size / stride);

    /// <summary>Contiguous runs of cells: one if no column is padding, otherwise one per row.</summary>
    public (int Count, int Length) Stretches => Width == Side ? (1, Width * Height) : (Height, Width);
}
