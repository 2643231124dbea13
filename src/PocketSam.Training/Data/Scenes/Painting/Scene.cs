using PocketSam.Training.Data.Scenes.Materials;

namespace PocketSam.Training.Data.Scenes.Painting;

/// <summary>Everything there is to paint: things in order, the last in front.</summary>
internal sealed record Scene(Material Background, IReadOnlyList<Thing> Things, Light Light)
{
    /// <summary>Things before this index, and the background, are out of focus.</summary>
    public int FirstSharp { get; init; }

    /// <summary>Blur of what is out of focus: sigma in pixels, 0 for none.</summary>
    public float Defocus { get; init; }
}
