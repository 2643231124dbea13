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

    /// <summary>People and animals that stand on the ground.</summary>
    public static ThingKind[] Creatures { get; } =
    [
        new(People.Person, 3, 0.3f, 0.5f),
        new(Animals.Quadruped, 2, 0.8f, 1.6f),
        new(Animals.Bird, 0.7f, 0.7f, 1.3f),
    ];

    /// <summary>What stands outdoors.</summary>
    public static ThingKind[] Outdoors { get; } =
    [
        .. Creatures,
        new(Plants.Tree, 3, 0.5f, 1.2f),
        new(Plants.Conifer, 1.5f, 0.35f, 0.8f),
        new(Plants.Mushroom, 0.2f, 0.6f, 1.2f),
        new(Plants.Flower, 0.6f, 0.5f, 0.9f),
        new(ThinThings.Branch, 0.6f, 0.6f, 1),
        new(ThinThings.Tuft, 0.8f, 0.6f, 1.4f),
        new(ThinThings.Pole, 1, 0.15f, 0.4f),
        new(PlainThings.Cluster, 0.8f, 1, 2.2f),
        new(HollowThings.Lattice, 0.6f, 1, 3),
        new(Buildings.House, 1.5f, 0.8f, 1.8f),
        new(Buildings.Tower, 1, 0.35f, 1.2f),
        new(Buildings.Facade, 0.5f, 0.6f, 1.5f),
        new(Vehicles.Car, 2, 1.9f, 2.8f),
        new(Vehicles.Bus, 1, 1.6f, 3.2f),
        new(Vehicles.Bicycle, 0.7f, 1.4f, 1.8f),
        new(Furnishings.Canopy, 0.4f, 0.6f, 1.2f),
        new(Solids.Cuboid, 0.5f, 0.8f, 1.6f),
        new(Solids.Pyramid, 0.5f, 0.8f, 2),
    ];

    /// <summary>What stands on the floor of a room.</summary>
    public static ThingKind[] Furniture { get; } =
    [
        new(Furnishings.Chair, 2, 0.6f, 1),
        new(Furnishings.Table, 1.5f, 1.2f, 2.2f),
        new(Furnishings.Cabinet, 2, 0.5f, 2),
        new(Furnishings.Sofa, 1.5f, 1.4f, 2.4f),
        new(Furnishings.Canopy, 1, 0.35f, 0.7f),
        new(Plants.Potted, 1, 0.6f, 1),
        new(People.Person, 1.5f, 0.3f, 0.5f),
        new(Animals.Quadruped, 0.7f, 0.9f, 1.5f),
        new(Solids.Cuboid, 0.7f, 0.8f, 1.5f),
        new(Solids.Cylinder, 0.4f, 0.5f, 1.2f),
    ];

    /// <summary>What stands on tables and shelves.</summary>
    public static ThingKind[] Ware { get; } =
    [
        new(Vessels.Bottle, 2, 0.25f, 0.45f),
        new(Vessels.Cup, 1.5f, 0.8f, 1.4f),
        new(Vessels.Vase, 1, 0.4f, 0.9f),
        new(Vessels.Bowl, 1, 1.2f, 2.2f),
        new(Vessels.Fruit, 1.5f, 0.8f, 1.15f),
        new(Solids.Cuboid, 1, 0.6f, 1.6f),
        new(Solids.Cylinder, 1, 0.4f, 1.3f),
        new(Solids.Ball, 0.7f, 0.95f, 1.05f),
        new(Plants.Potted, 0.6f, 0.6f, 1),
        new(Plants.Flower, 0.5f, 0.5f, 0.8f),
        new(Furnishings.Clock, 0.4f, 0.9f, 1.1f),
        new(Furnishings.Sign, 0.6f, 0.6f, 2),
        new(Assemblies.Gadget, 1, 0.6f, 1.6f),
    ];

    /// <summary>What hangs on walls.</summary>
    public static ThingKind[] Hangings { get; } =
    [
        new(Furnishings.Picture, 4, 0.6f, 1.7f),
        new(Furnishings.Clock, 1, 0.9f, 1.1f),
        new(Furnishings.Sign, 1, 0.6f, 2),
        new(HollowThings.Lattice, 1, 0.6f, 1.5f),
    ];

    /// <summary>What flies.</summary>
    public static ThingKind[] Flyers { get; } =
    [
        new(Animals.Glider, 2, 1.5f, 3),
        new(Vehicles.Plane, 1, 1, 1.5f, AnyWayUp: true),
        new(Solids.Ball, 0.5f, 0.8f, 1.1f),
        new(Animals.Butterfly, 0.7f, 0.9f, 1.5f),
        new(PlainThings.Cluster, 1, 1.5f, 3),
    ];

    /// <summary>Everything that may lie about anywhere.</summary>
    public static ThingKind[] Anything { get; } =
    [
        .. Shapes, .. Creatures, .. Outdoors, .. Furniture, .. Ware, .. Hangings, .. Flyers,
        new(People.Bust, 1, 0.7f, 1),
        new(Animals.Fish, 1.2f, 1.4f, 2.4f),
        new(Animals.Butterfly, 1, 0.9f, 1.4f, AnyWayUp: true),
        new(Plants.Leaf, 1.2f, 1.5f, 3.5f, AnyWayUp: true),
        new(Vehicles.Boat, 1, 0.9f, 1.6f),
        new(Assemblies.Gadget, 4, 0.6f, 1.6f, AnyWayUp: true),
        new(Assemblies.Chain, 1.2f, 1.5f, 4, AnyWayUp: true),
    ];

    public static ThingKind Pick(ReadOnlySpan<ThingKind> kinds, RandomStream random)
    {
        Span<float> weights = stackalloc float[kinds.Length];
        for (int i = 0; i < kinds.Length; i++)
            weights[i] = kinds[i].Weight;
        return kinds[random.PickWeighted(weights)];
    }
}
