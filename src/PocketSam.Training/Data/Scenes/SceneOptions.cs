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

    /// <summary>Smallest thing in pixels, by its longest side; 4 to 1024.</summary>
    public float MinThingSize { get; init; } = 12;

    /// <summary>Largest thing as a fraction of the picture's shortest side; 0.05 to 2.</summary>
    public float MaxThingSize { get; init; } = 0.9f;

    /// <summary>Sizes have a density proportional to <c>size^-exponent</c>; 0 to 4.</summary>
    public float SizeExponent { get; init; } = 1.7f;

    /// <summary>A mask with fewer pixels is not given; at least 1.</summary>
    public int MinMaskArea { get; init; } = 64;

    /// <summary>A thing or part of which others leave a smaller fraction visible has no mask; 0 to 1.</summary>
    public float MinVisibleFraction { get; init; } = 0.2f;

    /// <summary>Probability that a thing takes on the colours and texture of what is behind it; 0 to 1.</summary>
    public float CamouflageProbability { get; init; } = 0.08f;

    /// <summary>Whether the parts of a thing have masks of their own beside the mask of the whole.</summary>
    public bool PartMasks { get; init; } = true;

    /// <summary>Whether surfaces have textures; otherwise each part is of one colour.</summary>
    public bool Textures { get; init; } = true;

    /// <summary>Whether there are shading and shadows.</summary>
    public bool Lighting { get; init; } = true;

    /// <summary>Whether edges are antialiased. Masks are exact either way: pixels whose centre is inside.</summary>
    public bool Antialiasing { get; init; } = true;

    /// <summary>Whether the finished picture gets blur, noise, vignetting, colour casts and JPEG artefacts.</summary>
    public bool CameraEffects { get; init; } = true;

    internal void Validate()
    {
        Require(Width is >= 32 and <= 4096, nameof(Width), Width);
        Require(Height is >= 32 and <= 4096, nameof(Height), Height);
        Require(MinThings is >= 0 and <= 2000, nameof(MinThings), MinThings);
        Require(MaxThings >= MinThings && MaxThings <= 2000, nameof(MaxThings), MaxThings);
        Require(MinThingSize is >= 4 and <= 1024, nameof(MinThingSize), MinThingSize);
        Require(MaxThingSize is >= 0.05f and <= 2, nameof(MaxThingSize), MaxThingSize);
        Require(SizeExponent is >= 0 and <= 4, nameof(SizeExponent), SizeExponent);
        Require(MinMaskArea >= 1, nameof(MinMaskArea), MinMaskArea);
        Require(MinVisibleFraction is >= 0 and <= 1, nameof(MinVisibleFraction), MinVisibleFraction);
        Require(CamouflageProbability is >= 0 and <= 1, nameof(CamouflageProbability), CamouflageProbability);
    }

    private static void Require(bool holds, string name, object value)
    {
        if (!holds)
            throw new ArgumentOutOfRangeException(name, value, $"{name} is out of its documented range");
    }
}
