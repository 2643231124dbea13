namespace PocketSam.Tensors;

/// <summary>
/// Listens to a forward pass and gives it as a graph: what was computed from what, op by op. Batch norm is part of the
/// convolution before it where the tape does not record.
/// </summary>
/// <param name="computes">Whether values are computed too (<see cref="TapeListener.WantsValues"/>).</param>
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

    /// <summary>Names a tensor that is given to the network. Others that no op made are constants of the graph.</summary>
    public void Input(string name, Tensor tensor)
        => _inputs.Add(Add(tensor.Buffer, new GraphValue { Shape = tensor.Shape, Name = name }));

    /// <summary>Names a result of the network.</summary>
    public void Output(string name, Tensor tensor)
    {
        int id = Find(tensor, layer: "");
        _values[id] = _values[id] with { Name = name };
        _outputs.Add(id);
    }

    /// <summary>What was traced until now.</summary>
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

    /// <summary>The value of a tensor in the shape it has here; a constant where nothing made it.</summary>
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

    /// <summary>A tensor of another shape shares memory with its source: no op makes it.</summary>
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
