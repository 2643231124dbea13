namespace PocketSam.Training.Data.Scenes.Painting;

/// <summary>An object with one mask as a whole; its parts are ordered back to front.</summary>
internal sealed class Thing
{
    public List<Part> Parts { get; } = [];

    /// <summary>Darkness of its shadow on what is behind it, 0 to 1; masks do not contain shadows.</summary>
    public float Shadow { get; set; }
}
