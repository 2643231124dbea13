using PocketSam.Tensors;

namespace PocketSam.Onnx.Graphs;

/// <summary>
/// What one or two traces of a network tell about it. A trace has the sizes of one call. A second one, of a call of other
/// sizes, tells which of them stay: those that differ depend on the call, and the two must be alike in all else. So nothing
/// about a network is written down a second time.
/// </summary>
internal sealed class TracedGraph
{
    /// <summary>Stands for a size that depends on the call.</summary>
    public const int Unknown = -1;

    private readonly Graph _other;

    /// <param name="graph">A trace.</param>
    /// <param name="other">Another one of other sizes; the same where all sizes are fixed.</param>
    /// <exception cref="InvalidOperationException">They differ in more than sizes.</exception>
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

    /// <summary>Sizes of a value; <see cref="Unknown"/> where they depend on the call.</summary>
    public int[] ShapeOf(int value)
        => [.. Graph.Values[value].Shape.Zip(_other.Values[value].Shape, (a, b) => a == b ? a : Unknown)];

    /// <summary>An attribute of a node in each of the traces.</summary>
    public (T First, T Second) Attribute<T>(int node, string name)
        => ((T)Graph.Nodes[node].Attributes[name], (T)_other.Nodes[node].Attributes[name]);

    /// <summary>An attribute that does not depend on the call.</summary>
    /// <exception cref="InvalidOperationException">It does.</exception>
    public T Fixed<T>(int node, string name)
    {
        (T first, T second) = Attribute<T>(node, name);
        bool isFixed = first is int[] table ? table.AsSpan().SequenceEqual((int[])(object)second!) : Equals(first, second);
        return isFixed ? first : throw new InvalidOperationException($"{name} of {Graph.Nodes[node].Op} depends on the call");
    }

    /// <summary>A size in each of the traces.</summary>
    public (int First, int Second) Size(int value, int dimension)
        => (Graph.Values[value].Shape[dimension], _other.Values[value].Shape[dimension]);
}
