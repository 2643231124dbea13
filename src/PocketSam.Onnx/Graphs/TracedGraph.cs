using PocketSam.Tensors;

namespace PocketSam.Onnx.Graphs;

/// <summary>
/// A network whose sizes may depend on the call, from two traces at different sizes. Sizes that differ between the two
/// depend on the call; in all else the traces must agree.
/// </summary>
internal sealed class TracedGraph
{
    /// <summary>Marks a size that depends on the call.</summary>
    public const int Unknown = -1;

    private readonly Graph _other;

    /// <param name="graph">A trace.</param>
    /// <param name="other">A trace at other sizes; the same trace where all sizes are fixed.</param>
    /// <exception cref="InvalidOperationException">The traces differ in more than sizes.</exception>
    public TracedGraph(Graph graph, Graph other)
    {
        (Graph, _other) = (graph, other);
        bool isAlike = graph.Nodes.Count == other.Nodes.Count && graph.Values.Count == other.Values.Count
            && graph.Inputs.SequenceEqual(other.Inputs) && graph.Outputs.SequenceEqual(other.Outputs)
            && graph.Values.Zip(other.Values).All(v => v.First.Shape.Length == v.Second.Shape.Length
                && v.First.Name == v.Second.Name && v.First.IsWeight == v.Second.IsWeight
                && (v.First.Constant ?? []).AsSpan().SequenceEqual(v.Second.Constant ?? []))
            && graph.Nodes.Zip(other.Nodes).All(n => n.First.Op == n.Second.Op && n.First.Output == n.Second.Output
                && n.First.Layer == n.Second.Layer && n.First.Inputs.SequenceEqual(n.Second.Inputs));
        if (!isAlike)
            throw new InvalidOperationException("the network computes other things for other sizes");
    }

    public Graph Graph { get; }

    /// <summary>Shape of a value; <see cref="Unknown"/> for a size that depends on the call.</summary>
    public int[] ShapeOf(int value)
        => [.. Graph.Values[value].Shape.Zip(_other.Values[value].Shape, (a, b) => a == b ? a : Unknown)];

    /// <summary>An attribute of a node in each of the traces.</summary>
    public (T First, T Second) Attribute<T>(int node, string name)
        => ((T)Graph.Nodes[node].Attributes[name], (T)_other.Nodes[node].Attributes[name]);

    /// <summary>An attribute that does not depend on the call.</summary>
    /// <exception cref="InvalidOperationException">The attribute depends on the call.</exception>
    public T Fixed<T>(int node, string name)
    {
        (T first, T second) = Attribute<T>(node, name);
        bool isFixed = first is int[] table ? table.AsSpan().SequenceEqual((int[])(object)second!) : Equals(first, second);
        return isFixed ? first : throw new InvalidOperationException($"{name} of {Graph.Nodes[node].Op} depends on the call");
    }

    /// <summary>A size of a value in each of the traces.</summary>
    public (int First, int Second) Size(int value, int dimension)
        => (Graph.Values[value].Shape[dimension], _other.Values[value].Shape[dimension]);
}
