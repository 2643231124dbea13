using PocketSam.Training.Data.Scenes.Materials;
using PocketSam.Training.Data.Scenes.Shapes;

namespace PocketSam.Training.Data.Scenes.Painting;

/// <summary>One surface of a thing.</summary>
internal sealed record Part(Outline Outline, Material Material)
{
    public Relief Relief { get; init; }

    /// <summary>
    /// Parts of a thing with the same number over 0 also have a mask together: hair and face are a head.
    /// </summary>
    public int Group { get; init; }

    /// <summary>Under 1 a tint over what is behind, which keeps its pixels.</summary>
    public float Opacity { get; init; } = 1;
}
