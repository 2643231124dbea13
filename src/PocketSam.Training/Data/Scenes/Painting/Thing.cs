namespace PocketSam.Training.Data.Scenes.Painting;

/// <summary>What has one mask as a whole: its parts, the last in front.</summary>
internal sealed class Thing
{
    public List<Part> Parts { get; } = [];

    public CastShadow? Shadow { get; set; }

    public Thing With(Part part)
    {
        Parts.Add(part);
        return this;
    }
}
