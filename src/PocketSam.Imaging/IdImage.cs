namespace PocketSam.Imaging;

/// <summary>A picture whose pixels are numbers: of objects or of classes, and not colours.</summary>
/// <param name="Width">Pixels in a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Ids">The numbers, row by row.</param>
public sealed record IdImage(int Width, int Height, IReadOnlyList<int> Ids)
{
    /// <summary>The greatest number that is written: what 16 bits hold.</summary>
    public const int MaxWritten = ushort.MaxValue;

    /// <summary>The numbers that occur, in ascending order.</summary>
    public IReadOnlyList<int> Values { get; } = [.. Ids.Distinct().Order()];

    /// <summary>The pixels of a number.</summary>
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
