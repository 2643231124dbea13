using PocketSam.Training.Data.Effects;

namespace PocketSam.Training.Data.Scenes.Things;

/// <summary>A kind of thing.</summary>
/// <param name="Build">Adds the parts of such a thing to a draft.</param>
/// <param name="MinAspect">Least ratio of width to height of its frame.</param>
/// <param name="MaxAspect">Largest ratio of width to height of its frame.</param>
/// <param name="AnyWayUp">Whether it may have any rotation; otherwise it is roughly upright.</param>
internal sealed record ThingKind(Action<Draft> Build, float MinAspect, float MaxAspect, bool AnyWayUp = false)
{
    /// <summary>Simple shapes.</summary>
    public static ThingKind[] Shapes { get; } =
    [
        new(SimpleThings.Ellipse, 0.4f, 2.5f, AnyWayUp: true), new(SimpleThings.Blob, 0.5f, 2, AnyWayUp: true),
        new(SimpleThings.Polygon, 0.5f, 2, AnyWayUp: true), new(SimpleThings.Box, 0.3f, 3),
        new(SimpleThings.Ring, 0.6f, 1.6f, AnyWayUp: true), new(SimpleThings.Stroke, 0.8f, 2, AnyWayUp: true),
        new(SimpleThings.Cluster, 0.6f, 1.6f, AnyWayUp: true),
    ];

    /// <summary>Things that stand on the ground.</summary>
    public static ThingKind[] Outdoors { get; } =
    [
        new(ComposedThings.Tree, 0.5f, 1.2f), new(ComposedThings.House, 0.6f, 1.8f), new(ComposedThings.Car, 1.9f, 2.8f),
        new(ComposedThings.Animal, 0.9f, 1.6f),
    ];

    /// <summary>All kinds.</summary>
    public static ThingKind[] All { get; } =
        [.. Shapes, .. Outdoors, new(ComposedThings.Vessel, 0.3f, 1.2f), new(ComposedThings.Gadget, 0.6f, 1.6f, AnyWayUp: true)];

    public static ThingKind Any(RandomStream random) => random.Pick<ThingKind>(random.Chance(0.5f) ? Shapes : All);
}
