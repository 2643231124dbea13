namespace PocketSam.Imaging;

/// <summary>A picture whose pixels are ids of objects or classes, not colours.</summary>
/// <param name="Width">Width in pixels.</param>
/// <param name="Height">Height in pixels.</param>
/// <param name="Ids">The ids, row by row.</param>
public sealed record IdImage(int Width, int Height, IReadOnlyList<int> Ids)
{
    /// <summary>The largest id that can be written: 16 bits.</summary>
    public const int MaxWritten = ushort.MaxValue;

    /// <summary>The distinct ids, ascending.</summary>
    public IReadOnlyList<int> Values { get; } = [.. Ids.Distinct().Order()];

    /// <summary>The mask of the pixels that have this id.</summary>
    public BinaryMask MaskOf(int id)
    {
        var mask = new BinaryMask(Width, Height);
        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < Width; x++)
            {
                if (Ids[y * Width + x] == id)
                    mask[x, y] = true;
            }
        }

        return mask;
    }
}
