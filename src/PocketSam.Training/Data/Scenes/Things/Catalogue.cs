using PocketSam.Training.Data.Effects;

namespace PocketSam.Training.Data.Scenes.Things;

/// <summary>All kinds of things, by where they may turn up.</summary>
internal static class Catalogue
{
    /// <summary>Bare shapes.</summary>
    public static ThingKind[] Shapes { get; } =
    [
        new(PlainThings.Ellipse, 1.2f, 0.4f, 2.5f, AnyWayUp: true),
        new(PlainThings.Blob, 2, 0.5f, 2, AnyWayUp: true),
        new(PlainThings.Convex, 1.2f, 0.5f, 2, AnyWayUp: true),
        new(PlainThings.Star, 0.8f, 0.7f, 1.4f, AnyWayUp: true),
        new(PlainThings.Quad, 1.4f, 0.3f, 3),
        new(PlainThings.RoundedBox, 1, 0.3f, 3),
        new(PlainThings.Crescent, 0.5f, 0.7f, 1.4f, AnyWayUp: true),
        new(PlainThings.Cluster, 0.9f, 0.6f, 1.6f, AnyWayUp: true),
        new(HollowThings.Ring, 0.7f, 0.6f, 1.6f, AnyWayUp: true),
        new(HollowThings.PictureFrame, 0.4f, 0.5f, 2),
        new(HollowThings.Lattice, 0.4f, 0.5f, 2.5f),
        new(HollowThings.Gear, 0.3f, 0.9f, 1.1f, AnyWayUp: true),
        new(HollowThings.Holey, 0.3f, 0.7f, 1.4f, AnyWayUp: true),
        new(ThinThings.Stroke, 0.8f, 0.8f, 2, AnyWayUp: true),
        new(ThinThings.Stick, 0.5f, 0.9f, 1.1f, AnyWayUp: true),
        new(ThinThings.Spiral, 0.2f, 0.8f, 1.2f, AnyWayUp: true),
        new(ThinThings.Branch, 0.4f, 0.6f, 1),
        new(ThinThings.Tuft, 0.3f, 0.6f, 1.2f),
        new(ThinThings.Pole, 0.5f, 0.25f, 0.7f),
    ];

    /// <summary>Everything that may lie about anywhere.</summary>
    public static ThingKind[] Anything { get; } = [.. Shapes];

    public static ThingKind Pick(ReadOnlySpan<ThingKind> kinds, RandomStream random)
    {
        Span<float> weights = stackalloc float[kinds.Length];
        for (int i = 0; i < kinds.Length; i++)
            weights[i] = kinds[i].Weight;
        return kinds[random.PickWeighted(weights)];
    }
}
