namespace PocketSam.Tensors;

/// <summary>A network as data. A value's id is its place in <see cref="Values"/>.</summary>
internal sealed record Graph
{
    /// <summary>All values: what is given, weights, constants, what nodes make.</summary>
    public required IReadOnlyList<GraphValue> Values { get; init; }

    /// <summary>What is computed, each after all that its inputs need.</summary>
    public required IReadOnlyList<GraphNode> Nodes { get; init; }

    /// <summary>Ids of what is given.</summary>
    public required IReadOnlyList<int> Inputs { get; init; }

    /// <summary>Ids of the results.</summary>
    public required IReadOnlyList<int> Outputs { get; init; }

    /// <summary>Weights by key; a convolution with folded batch norm has the key of the layer.</summary>
    public required IReadOnlyDictionary<string, Weight> Weights { get; init; }
}

/// <summary>A value of a graph.</summary>
internal sealed record GraphValue
{
    /// <summary>Its dimensions; feature maps are <c>[batch, height, width, channels]</c>.</summary>
    public required int[] Shape { get; init; }

    /// <summary>Name of an input or result, key of a weight, else empty.</summary>
    public string Name { get; init; } = "";

    /// <summary>Whether it is the weight of that name.</summary>
    public bool IsWeight { get; init; }

    /// <summary>The values of a constant, else null.</summary>
    public float[]? Constant { get; init; }
}

/// <summary>One op of a graph.</summary>
internal sealed record GraphNode
{
    /// <summary>The op that gives a value another shape; its attribute is <c>shape</c>.</summary>
    public const string Reshape = "Reshape";

    /// <summary>Stands for an optional input that is not given.</summary>
    public const int Absent = -1;

    /// <summary><see cref="Op.Name"/></summary>
    public required string Op { get; init; }

    /// <summary><see cref="Op.Attributes"/></summary>
    public required IReadOnlyDictionary<string, object> Attributes { get; init; }

    /// <summary>Key of the layer, empty where it is part of none.</summary>
    public required string Layer { get; init; }

    /// <summary>Ids of what it reads, or <see cref="Absent"/>.</summary>
    public required IReadOnlyList<int> Inputs { get; init; }

    /// <summary>Id of what it makes.</summary>
    public required int Output { get; init; }
}
