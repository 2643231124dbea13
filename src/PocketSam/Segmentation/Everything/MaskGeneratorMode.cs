namespace PocketSam;

/// <summary>Where <see cref="MaskGenerator"/> places its prompts.</summary>
public enum MaskGeneratorMode
{
    /// <summary>
    /// A coarse grid first, then the points of the full grid that confident masks do not cover (TinySAM,
    /// arXiv:2312.13789, section 3.4).
    /// </summary>
    Hierarchical,

    /// <summary>All points of the grid, as in SAM's own generator.</summary>
    Dense,
}
