namespace PocketSam.Datasets;

/// <summary>
/// Collects the objects of a picture from shapes; shapes that share a label and a group are one object.
/// </summary>
/// <param name="width">Width of the picture in pixels.</param>
/// <param name="height">Height of the picture in pixels.</param>
internal sealed class LabelledShapes(int width, int height)
{
    private readonly List<(string Label, string? Group, BinaryMask Mask)> _objects = [];

    /// <summary>The objects that are not empty, in the order of their first shapes.</summary>
    public IReadOnlyList<Annotation> Annotations
        => [.. _objects.Select(o => DatasetFormat.Annotate(o.Mask, o.Label)).OfType<Annotation>()];

    /// <summary>Adds a shape; returns false and changes nothing if it cannot be drawn.</summary>
    /// <param name="label">Name of its class.</param>
    /// <param name="group">The group that the shape belongs to; null for a shape of its own.</param>
    /// <param name="tryDraw">Draws the shape into an empty mask; false if it cannot.</param>
    public bool TryAdd(string label, string? group, Func<BinaryMask, bool> tryDraw)
    {
        var shape = new BinaryMask(width, height);
        if (!tryDraw(shape))
            return false;
        if (group is not null && _objects.Find(o => o.Group == group && o.Label == label).Mask is { } mask)
            mask.UnionWith(shape);
        else
            _objects.Add((label, group, shape));
        return true;
    }
}
