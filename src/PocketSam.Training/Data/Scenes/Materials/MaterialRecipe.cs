namespace PocketSam.Training.Data.Scenes.Materials;

/// <summary>
/// How to make a material at any place: kept apart from the material so that another thing can wear the same coat, or
/// nearly the same as camouflage.
/// </summary>
/// <param name="Kind">The base pattern.</param>
/// <param name="Ramp">The base pattern's colours.</param>
/// <param name="Scale">Pixels to a unit of the base pattern; for gradients in units of the thing's half size.</param>
/// <param name="Turns">Angle of the base pattern.</param>
/// <param name="Stretch">Length of a unit along v relative to u.</param>
/// <param name="Tile">Noise of the base pattern, if it is noise.</param>
/// <param name="Sharpness">Hardness of the edges in the base pattern, 0 to 1.</param>
/// <param name="Share">Share of the high colour, about 0.2 to 0.8.</param>
internal sealed record MaterialRecipe(
    PatternKind Kind,
    (Color Low, Color Middle, Color High) Ramp,
    float Scale,
    float Turns,
    float Stretch,
    NoiseTile Tile,
    float Sharpness,
    float Share)
{
    /// <summary>Colour of blotches over the base; none if null.</summary>
    public Color? MarkingColor { get; init; }

    public NoiseTile MarkingTile { get; init; } = NoiseTile.Cloud;

    /// <summary>Pixels to a texel of the markings' noise.</summary>
    public float MarkingScale { get; init; }

    public float MarkingShare { get; init; }

    /// <summary>How much fine noise lightens and darkens; 0 for none.</summary>
    public float DetailStrength { get; init; }

    public NoiseTile DetailTile { get; init; } = NoiseTile.Grain;

    /// <summary>Pixels to a texel of the detail.</summary>
    public float DetailScale { get; init; } = 0.5f;

    /// <summary>How much longer the detail is along v: hair and fibres.</summary>
    public float DetailStretch { get; init; } = 1;

    public static MaterialRecipe Flat(Color color)
        => new(PatternKind.Flat, (color, color, color), 1, 0, 1, NoiseTile.Cloud, 0, 0.5f);
}
