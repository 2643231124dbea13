namespace PocketSam.Training.Data.Scenes;

/// <summary>Options of <see cref="SceneGenerator"/>. Pixels are those of the generated picture.</summary>
public sealed record SceneOptions
{
    /// <summary>Width in pixels; 32 to 4096.</summary>
    public int Width { get; init; } = 256;

    /// <summary>Height in pixels; 32 to 4096.</summary>
    public int Height { get; init; } = 256;

    /// <summary>Least number of things in a picture, without grounds and ridges; 0 to 2000.</summary>
    public int MinThings { get; init; } = 8;

    /// <summary>Largest number of things; <see cref="MinThings"/> to 2000. Some may be hidden.</summary>
    public int MaxThings { get; init; } = 60;

    /// <summary>Least number of pixels of a mask; at least 1.</summary>
    public int MinMaskArea { get; init; } = 64;

    /// <summary>Least visible fraction of a thing or part that has a mask; 0 to 1.</summary>
    public float MinVisibleFraction { get; init; } = 0.2f;

    /// <summary>Whether parts of a thing have masks, beside that of the whole.</summary>
    public bool PartMasks { get; init; } = true;

    /// <summary>
    /// Whether to paint each part in one colour, with hard edges and without light and camera effects. Masks are the
    /// same either way: the pixels whose centres are inside.
    /// </summary>
    public bool Flat { get; init; }

    internal void Validate()
    {
        Require(Width is >= 32 and <= 4096, nameof(Width), Width);
        Require(Height is >= 32 and <= 4096, nameof(Height), Height);
        Require(MinThings is >= 0 and <= 2000, nameof(MinThings), MinThings);
        Require(MaxThings >= MinThings && MaxThings <= 2000, nameof(MaxThings), MaxThings);
        Require(MinMaskArea >= 1, nameof(MinMaskArea), MinMaskArea);
        Require(MinVisibleFraction is >= 0 and <= 1, nameof(MinVisibleFraction), MinVisibleFraction);
    }

    private static void Require(bool holds, string name, object value)
    {
        if (!holds)
            throw new ArgumentOutOfRangeException(name, value, $"{name} is out of its documented range");
    }
}
