namespace PocketSam.Tensors;

/// <summary>A network as data. The id of a value is its index in <see cref="Values"/>.</summary>
internal sealed record Graph
{
    /// <summary>All values: inputs, weights, constants and results of nodes.</summary>
    public required IReadOnlyList<GraphValue> Values { get; init; }

    /// <summary>The nodes in topological order.</summary>
    public required IReadOnlyList<GraphNode> Nodes { get; init; }

    /// <summary>Ids of the inputs.</summary>
    public required IReadOnlyList<int> Inputs { get; init; }

    /// <summary>Ids of the outputs.</summary>
    public required IReadOnlyList<int> Outputs { get; init; }

    /// <summary>Weights by key; a convolution with folded batch norm has the key of the layer.</summary>
    public required IReadOnlyDictionary<string, Weight> Weights { get; init; }
}

/// <summary>A value of a graph.</summary>
internal sealed record GraphValue
{
    /// <summary>Its dimensions; feature maps are <c>[batch, height, width, channels]</c>.</summary>
    public required int[] Shape { get; init; }

    /// <summary>Name of an input or output, or key of a weight; otherwise empty.</summary>
    public string Name { get; init; } = "";

    /// <summary>Whether it is the weight with the key <see cref="Name"/>.</summary>
    public bool IsWeight { get; init; }

    /// <summary>The values of a constant, row-major; otherwise null.</summary>
    public float[]? Constant { get; init; }
}

/// <summary>One op of a graph.</summary>
internal sealed record GraphNode
{
    /// <summary>The op that changes a value's shape; its attribute is <c>shape</c>.</summary>
    public const string Reshape = "Reshape";

    /// <summary>The id of an optional input that is not given.</summary>
    public const int Absent = -1;

    /// <summary><see cref="Op.Name"/></summary>
    public required string Op { get; init; }

    /// <summary><see cref="Op.Attributes"/></summary>
    public required IReadOnlyDictionary<string, object> Attributes { get; init; }

    /// <summary>Key of the layer; empty if it is part of none.</summary>
    public required string Layer { get; init; }

    /// <summary>Ids of its inputs, or <see cref="Absent"/>.</summary>
    public required IReadOnlyList<int> Inputs { get; init; }

    /// <summary>Id of its output.</summary>
    public required int Output { get; init; }
}
