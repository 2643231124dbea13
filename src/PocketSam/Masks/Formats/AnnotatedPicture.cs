namespace PocketSam;

/// <summary>A picture's name and size with its masks: what all export formats start from.</summary>
public sealed record AnnotatedPicture
{
    /// <summary>Checks that the masks are those of one picture.</summary>
    /// <param name="path">The picture's file, as exports name it.</param>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="masks">Masks of that size, in the order that exports keep.</param>
    /// <exception cref="ArgumentException">
    /// An empty path, a side below 1, or a mask of another size; the message names the mask by its place, from 0.
    /// </exception>
    public AnnotatedPicture(string path, int width, int height, IReadOnlyList<GeneratedMask> masks)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentNullException.ThrowIfNull(masks);
        for (int i = 0; i < masks.Count; i++)
        {
            Rle mask = masks[i].Segmentation;
            if (mask.Width != width || mask.Height != height)
            {
                throw new ArgumentException(
                    $"{path}: mask {i} of {mask.Width}x{mask.Height} in a picture of {width}x{height}", nameof(masks));
            }
        }

        Path = path;
        Width = width;
        Height = height;
        Masks = masks;
    }

    /// <summary>The picture's file, as exports name it.</summary>
    public string Path { get; init; }

    /// <summary>Pixels in a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>The masks.</summary>
    public IReadOnlyList<GeneratedMask> Masks { get; }
}
