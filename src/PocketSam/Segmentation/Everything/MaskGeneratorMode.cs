namespace PocketSam;

/// <summary>Where <see cref="MaskGenerator"/> asks.</summary>
public enum MaskGeneratorMode
{
    /// <summary>
    /// First a coarse grid, then the points of the whole grid that lie outside of what was found with confidence (TinySAM,
    /// section 3.4).
    /// </summary>
    Hierarchical,

    /// <summary>At all points of the grid, as SAM's own generator does.</summary>
    Dense,
}
