namespace PocketSam.Tensors;

/// <summary>A layer of a profile with its parts, or one kind of op in it.</summary>
/// <param name="Name">The layer's key relative to its parent; empty
/// for the root and for an op beside other layers.</param>
/// <param name="Op">Name of the op; empty for a sum.</param>
/// <param name="Milliseconds">Time of the node with its children.</param>
/// <param name="MultiplyAdds">Multiply-adds of the node with its children.</param>
/// <param name="Children">Its parts, the longest time first.</param>
internal sealed record ProfileNode(
    string Name, string Op, double Milliseconds, long MultiplyAdds, IReadOnlyList<ProfileNode> Children)
{
    /// <summary>
    /// Builds the tree from the keys of all ops. A layer whose only part is one other layer is joined with it.
    /// </summary>
    public static ProfileNode Tree(IEnumerable<ProfiledOp> ops) => Of("", [.. ops], depth: 0);

    /// <param name="name">Name of the layer.</param>
    /// <param name="ops">The ops of the layer: the first
    /// <paramref name="depth"/> names of their keys are the layer's.</param>
    /// <param name="depth">Number of key names on the path to this layer.</param>
    private static ProfileNode Of(string name, ProfiledOp[] ops, int depth)
    {
        ProfiledOp[] own = [.. ops.Where(op => Part(op.Layer, depth) is null)];
        IGrouping<string, ProfiledOp>[] layers =
            [.. ops.Where(op => Part(op.Layer, depth) is not null).GroupBy(op => Part(op.Layer, depth)!)];
        if (layers.Length == 0 && own.Length == 1)
            return Leaf(name, own[0]);
        if (layers.Length == 1 && own.Length == 0)
            return Of(name.Length == 0 ? layers[0].Key : $"{name}.{layers[0].Key}", [.. layers[0]], depth + 1);
        ProfileNode[] children =
        [
            .. layers.Select(layer => Of(layer.Key, [.. layer], depth + 1))
                .Concat(own.Select(op => Leaf("", op)))
                .OrderByDescending(node => node.Milliseconds),
        ];
        return new ProfileNode(
            name, "", children.Sum(child => child.Milliseconds), children.Sum(child => child.MultiplyAdds), children);
    }

    private static ProfileNode Leaf(string name, ProfiledOp op) => new(name, op.Op, op.Milliseconds, op.MultiplyAdds, []);

    /// <summary>The name at a depth of a key, or null if the key is shorter.</summary>
    private static string? Part(string key, int depth)
    {
        string[] parts = key.Length == 0 ? [] : key.Split('.');
        return depth < parts.Length ? parts[depth] : null;
    }
}
