namespace PocketSam;

/// <summary>A rectangle of whole pixels, as COCO's <c>bbox</c>: left, top, width, height.</summary>
/// <param name="X">First column.</param>
/// <param name="Y">First row.</param>
/// <param name="Width">Columns; zero in an empty box.</param>
/// <param name="Height">Rows; zero in an empty box.</param>
public readonly record struct PixelBox(int X, int Y, int Width, int Height)
{
    /// <summary>The column after the last one.</summary>
    public int Right => X + Width;

    /// <summary>The row after the last one.</summary>
    public int Bottom => Y + Height;

    /// <summary>Whether the box holds no pixel.</summary>
    public bool IsEmpty => Width <= 0 || Height <= 0;

    /// <summary>Left, top, width, height, as in COCO's JSON.</summary>
    internal int[] ToArray() => [X, Y, Width, Height];

    /// <summary>Checks that the box is a part of a picture.</summary>
    /// <exception cref="ArgumentException">The box is empty or reaches outside.</exception>
    internal void RequireInside(int width, int height)
    {
        if (IsEmpty || X < 0 || Y < 0 || X > width - Width || Y > height - Height)
            throw new ArgumentException($"{this} does not lie in a picture of {width}x{height}");
    }
}
