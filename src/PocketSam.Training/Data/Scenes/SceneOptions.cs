namespace PocketSam.Training.Data.Scenes;

/// <summary>What <see cref="SceneGenerator"/> makes. Sizes in pixels mean pixels of the generated picture.</summary>
public sealed record SceneOptions
{
    /// <summary>Pixels in a row; 32 to 4096.</summary>
    public int Width { get; init; } = 256;

    /// <summary>Rows; 32 to 4096.</summary>
    public int Height { get; init; } = 256;

    /// <summary>Fewest things placed in a picture, grounds and walls not counted; 0 to 2000.</summary>
    public int MinThings { get; init; } = 8;

    /// <summary>Most things placed; from <see cref="MinThings"/> to 2000. Many may hide each other.</summary>
    public int MaxThings { get; init; } = 60;

    /// <summary>A mask with fewer pixels is not given; at least 1.</summary>
    public int MinMaskArea { get; init; } = 64;

    /// <summary>A thing or part of which others leave a smaller fraction visible has no mask; 0 to 1.</summary>
    public float MinVisibleFraction { get; init; } = 0.2f;

    /// <summary>Whether the parts of a thing have masks of their own beside the mask of the whole.</summary>
    public bool PartMasks { get; init; } = true;

    /// <summary>
    /// Whether each part is of one colour, with hard edges, no light and no camera. Masks are the same either way: pixels
    /// whose centre is inside.
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
