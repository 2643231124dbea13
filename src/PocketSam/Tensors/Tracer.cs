namespace PocketSam.Tensors;

/// <summary>
/// Listens to a forward pass and records it as a graph, op by op. Batch norm is folded into its convolution if the tape
/// does not record.
/// </summary>
/// <param name="computes">Whether values are computed (<see cref="TapeListener.WantsValues"/>).</param>
internal sealed class Tracer(bool computes = true) : TapeListener
{
    private readonly Dictionary<TensorBuffer, int> _ids = [];
    private readonly Dictionary<(int Id, string Shape), int> _reshaped = [];
    private readonly List<GraphValue> _values = [];
    private readonly List<GraphNode> _nodes = [];
    private readonly List<int> _inputs = [];
    private readonly List<int> _outputs = [];
    private readonly Dictionary<string, (int Id, Weight Weight)> _weights = [];

    public override bool WantsSingleOps => true;

    public override bool WantsValues => computes;

    /// <summary>Names an input of the network. Other tensors that no op made are constants of the graph.</summary>
    public void Input(string name, Tensor tensor)
        => _inputs.Add(Add(tensor.Buffer, new GraphValue { Shape = tensor.Shape, Name = name }));

    /// <summary>Names an output of the network.</summary>
    public void Output(string name, Tensor tensor)
    {
        int id = Find(tensor, layer: "");
        _values[id] = _values[id] with { Name = name };
        _outputs.Add(id);
    }

    /// <summary>The graph of all ops so far.</summary>
    public Graph ToGraph() => new()
    {
        Values = [.. _values],
        Nodes = [.. _nodes],
        Inputs = [.. _inputs],
        Outputs = [.. _outputs],
        Weights = _weights.ToDictionary(w => w.Key, w => w.Value.Weight),
    };

    public override void Finished(Op op, string layer, ReadOnlySpan<OpInput> inputs, Tensor output)
    {
        int[] ids = new int[inputs.Length];
        for (int i = 0; i < ids.Length; i++)
        {
            ids[i] = inputs[i] switch
            {
                { Weight: { } weight } => Find(weight, inputs[i].Tensor?.Shape ?? weight.Shape, layer),
                { Tensor: { } tensor } => Find(tensor, layer),
                _ => GraphNode.Absent,
            };
        }

        _nodes.Add(new GraphNode
        {
            Op = op.Name,
            Attributes = op.Attributes,
            Layer = layer,
            Inputs = ids,
            Output = Add(output.Buffer, new GraphValue { Shape = output.Shape }),
        });
    }

    /// <summary>The id of a tensor in its present shape; a constant if no op made it.</summary>
    private int Find(Tensor tensor, string layer)
    {
        if (!_ids.TryGetValue(tensor.Buffer, out int id))
            id = Add(tensor.Buffer, new GraphValue { Shape = tensor.Shape, Constant = tensor.Span.ToArray() });
        return Shaped(id, tensor.Shape, layer);
    }

    private int Find(Weight weight, int[] shape, string layer)
    {
        string key = weight.Key ?? throw new InvalidOperationException($"a weight of layer {layer} has no key");
        if (_weights.TryAdd(key, (_values.Count, weight)))
            _values.Add(new GraphValue { Shape = weight.Shape, Name = key, IsWeight = true });
        return Shaped(_weights[key].Id, shape, layer);
    }

    /// <summary>
    /// A reshaped tensor shares memory with its source and no op makes it: adds the <see cref="GraphNode.Reshape"/>.
    /// </summary>
    private int Shaped(int id, int[] shape, string layer)
    {
        if (_values[id].Shape.SequenceEqual(shape))
            return id;
        (int, string) key = (id, string.Join(',', shape));
        if (_reshaped.TryGetValue(key, out int known))
            return known;
        int target = _values.Count;
        _values.Add(new GraphValue { Shape = shape });
        _nodes.Add(new GraphNode
        {
            Op = GraphNode.Reshape,
            Attributes = new Dictionary<string, object> { ["shape"] = shape },
            Layer = layer,
            Inputs = [id],
            Output = target,
        });
        _reshaped.Add(key, target);
        return target;
    }

    private int Add(TensorBuffer buffer, GraphValue value)
    {
        _ids[buffer] = _values.Count;
        _values.Add(value);
        return _values.Count - 1;
    }
}
