namespace PocketSam.Training.Data.Scenes.Painting;

/// <summary>What has one mask as a whole: its parts, the last in front.</summary>
internal sealed class Thing
{
    public List<Part> Parts { get; } = [];

    /// <summary>Share of light that it takes from what is behind it, 0 to 1; no mask contains the shadow.</summary>
    public float Shadow { get; set; }
}
