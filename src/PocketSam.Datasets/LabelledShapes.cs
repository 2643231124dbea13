namespace PocketSam.Datasets;

/// <summary>The objects of a picture from its shapes: those that share a label and a group are one.</summary>
/// <param name="width">Pixels in a row of the picture.</param>
/// <param name="height">Its rows.</param>
internal sealed class LabelledShapes(int width, int height)
{
    private readonly List<(string Label, string? Group, BinaryMask Mask)> _objects = [];

    /// <summary>The objects that are not empty, in the order of their first shapes.</summary>
    public IReadOnlyList<Annotation> Annotations
        => [.. _objects.Select(o => DatasetFormat.Annotate(o.Mask, o.Label)).OfType<Annotation>()];

    /// <summary>Adds a shape; false where it cannot be drawn, which leaves all as it is.</summary>
    /// <param name="label">Name of its class.</param>
    /// <param name="group">What tells which shapes belong together; null for a shape alone.</param>
    /// <param name="tryDraw">Draws it into an empty mask.</param>
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
