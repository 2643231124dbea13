using PocketSam.Kernels.Vectors;
using PocketSam.Onnx.Wire;
using PocketSam.Tensors;

namespace PocketSam.Onnx.Graphs;

/// <summary>
/// Lowers a traced network to ONNX operators. The trace has channels last (NHWC) and ONNX convolves with channels
/// second (NCHW). Each value is converted to the layouts its readers need, at most once each, so consecutive
/// convolutions stay in NCHW.
/// </summary>
internal sealed class GraphLowering
{
    private const int DepthwiseKernel = 3;

    private readonly TracedGraph _traced;
    private readonly GraphBuilder _builder;
    private readonly CallSizes _sizes;

    /// <summary>
    /// Names of the values in NHWC, and of those in NCHW, by their number in the trace; null until needed.
    /// </summary>
    private readonly string?[] _rows;
    private readonly string?[] _planes;

    /// <summary>
    /// Input and weight of each matrix product that a DepthToSpace follows: the two become one ConvTranspose.
    /// </summary>
    private readonly Dictionary<int, (string Input, string Weight)> _doubled = [];

    /// <param name="traced">The network.</param>
    /// <param name="builder">Receives the nodes.</param>
    /// <param name="sizes">Names of the sizes that depend on the call.</param>
    public GraphLowering(TracedGraph traced, GraphBuilder builder, CallSizes sizes = default)
    {
        (_traced, _builder, _sizes) = (traced, builder, sizes);
        _rows = new string?[traced.Graph.Values.Count];
        _planes = new string?[traced.Graph.Values.Count];
    }

    /// <summary>Binds an input of the network to a value in NHWC.</summary>
    public void Bind(string input, string name) => _rows[IdOf(_traced.Graph.Inputs, input)] = name;

    /// <summary>Binds an input of the network to a value in NCHW.</summary>
    public void BindPlanes(string input, string name) => _planes[IdOf(_traced.Graph.Inputs, input)] = name;

    /// <summary>Replaces the only constant of the network with a value in NHWC.</summary>
    public void BindConstant(string name)
        => _rows[_traced.Graph.Values.Select((v, id) => (v, id)).Single(v => v.v.Constant is not null).id] = name;

    /// <summary>Name of an output of the network in NHWC.</summary>
    public string Result(string output) => Rows(IdOf(_traced.Graph.Outputs, output));

    /// <summary>Name of an output of the network in NCHW.</summary>
    public string ResultPlanes(string output) => Planes(IdOf(_traced.Graph.Outputs, output));

    /// <summary>Lowers all nodes.</summary>
    public void Run(CancellationToken cancellation = default)
    {
        for (int i = 0; i < _traced.Graph.Nodes.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            GraphNode node = _traced.Graph.Nodes[i];
            _builder.Layer = node.Layer;
            Lower(i, node);
        }

        _builder.Layer = "";
    }

    private int IdOf(IReadOnlyList<int> ids, string name) => ids.Single(id => _traced.Graph.Values[id].Name == name);

    private void Lower(int place, GraphNode node)
    {
        IReadOnlyList<int> x = node.Inputs;
        int y = node.Output;
        switch (node.Op)
        {
            case GraphNode.Reshape:
                Reshape(x[0], y);
                break;
            case "Linear":
                Linear(place, node);
                break;
            case "Conv2d":
                _planes[y] = Activate(_traced.Fixed<string>(place, "activation"), Convolve(
                    x, WeightOrder.Kernel, _traced.Fixed<int>(place, "kernel"), _traced.Fixed<int>(place, "stride"),
                    _traced.Fixed<int>(place, "padding")));
                break;
            case "DepthwiseConv2d":
                string convolved = Convolve(
                    x, WeightOrder.Depthwise, DepthwiseKernel, _traced.Fixed<int>(place, "stride"), 1, groups: Channels(x[0]));
                _planes[y] = _traced.Fixed<bool>(place, "gelu") ? _builder.Gelu(convolved) : convolved;
                break;
            case "DepthToSpace":
                _planes[y] = _builder.Add(
                    "ConvTranspose", [_doubled[x[0]].Input, _doubled[x[0]].Weight, Rows(x[1])],
                    OnnxAttribute.Of("kernel_shape", 2, 2), OnnxAttribute.Of("strides", 2, 2));
                break;
            case "LayerNorm":
                _rows[y] = _builder.Add(
                    "LayerNormalization", [Rows(x[0]), Rows(x[1]), Rows(x[2])], OnnxAttribute.Of("axis", -1L),
                    OnnxAttribute.Of("epsilon", _traced.Fixed<float>(place, "epsilon")));
                break;
            case "Attention":
                int heads = _traced.Fixed<int>(place, "heads");
                _rows[y] = Attend(
                    Scaled(Heads(Rows(x[0]), Channels(x[0]) / heads), Channels(x[0]) / heads), Heads(Rows(x[1]), Channels(x[1]) / heads),
                    Heads(Rows(x[2]), Channels(x[2]) / heads));
                break;
            case "SelfAttention":
                int size = Channels(x[0]) / 3 / _traced.Fixed<int>(place, "heads");
                string[] parts = _builder.AddSplit(Rows(x[0]), 3, 2);
                _rows[y] = Attend(Scaled(Heads(parts[0], size), size), Heads(parts[1], size), Heads(parts[2], size));
                break;
            case "WindowAttention":
                WindowAttention(place, node);
                break;
            case "RelativeAttention":
                RelativeAttention(place, node);
                break;
            case "AddScaledChannels":
                _rows[y] = _builder.Add("Add", [Rows(x[0]), _builder.Add("Mul", [Rows(x[1]), Rows(x[2])])]);
                break;
            case "ResizeBicubic":
                ResizeBicubic(place, node);
                break;
            case "MatMulTransposed":
                _rows[y] = _builder.Add("MatMul", [Rows(x[0]), Planes(x[1])]);
                break;
            case "Gelu" when PrefersPlanes(x[0]):
                _planes[y] = _builder.Gelu(Planes(x[0]));
                break;
            case "Gelu":
                _rows[y] = _builder.Gelu(Rows(x[0]));
                break;
            case "Add" or "AddRepeated":
                Add(x[0], x[1], y);
                break;
            case "GatherRows":
                GatherRows(place, node);
                break;
            case "RepeatItems":
                Repeat(place, node);
                break;
            case "Concatenate":
                _rows[y] = _builder.Concat(1, [.. x.Select(Rows)]);
                break;
            case "Slice":
                int start = _traced.Fixed<int>(place, "start");
                (int first, int second) = _traced.Attribute<int>(place, "length");
                bool toEnd = (start + first, start + second) == _traced.Size(x[0], 1);
                if (!toEnd && first != second)
                    throw Unsupported(node, "of a part whose size depends on the call");
                _rows[y] = _builder.Slice(Rows(x[0]), 1, start, toEnd ? long.MaxValue : start + first);
                break;
            default:
                throw Unsupported(node, "has no operation of ONNX");
        }
    }

    private void Linear(int place, GraphNode node)
    {
        (IReadOnlyList<int> x, int y) = (node.Inputs, node.Output);
        string activation = _traced.Fixed<string>(place, "activation");
        if (place + 1 < _traced.Graph.Nodes.Count && _traced.Graph.Nodes[place + 1] is { Op: "DepthToSpace" } next && next.Inputs[0] == y)
        {
            _doubled[y] = (Planes(x[0]), _builder.Weight(WeightAt(x[1]), WeightOrder.Doubling));
        }
        else if (PrefersPlanes(x[0]) && Rank(x[0]) == 4)
        {
            string convolved = Convolve(x, WeightOrder.Pixel, kernel: 1, stride: 1, padding: 0);
            _planes[y] = Activate(activation, x[3] == GraphNode.Absent ? convolved : _builder.Add("Add", [convolved, Planes(x[3])]));
        }
        else
        {
            string product = _builder.Add("MatMul", [Rows(x[0]), _builder.Weight(WeightAt(x[1]), WeightOrder.Matrix)]);
            foreach (int summand in x.Skip(2).Where(id => id != GraphNode.Absent))
                product = _builder.Add("Add", [product, Rows(summand)]);
            _rows[y] = Activate(activation, product);
        }
    }

    private string Convolve(IReadOnlyList<int> x, WeightOrder order, int kernel, int stride, int padding, int groups = 1)
    {
        List<string> operands = [Planes(x[0]), _builder.Weight(WeightAt(x[1]), order)];
        if (x[2] != GraphNode.Absent)
            operands.Add(Rows(x[2]));
        return _builder.Add(
            "Conv", operands, OnnxAttribute.Of("kernel_shape", kernel, kernel), OnnxAttribute.Of("strides", stride, stride),
            OnnxAttribute.Of("pads", padding, padding, padding, padding), OnnxAttribute.Of("group", (long)groups));
    }

    private string Activate(string activation, string x) => Enum.Parse<Activation>(activation) switch
    {
        Activation.Gelu => _builder.Gelu(x),
        Activation.Relu => _builder.Add("Relu", [x]),
        _ => x,
    };

    private void Reshape(int x, int y)
    {
        int[] from = _traced.ShapeOf(x), to = _traced.ShapeOf(y);
        if (PrefersPlanes(x) && to.Length == 3 && _traced.Size(x, 0) == _traced.Size(y, 0) && from[^1] == to[^1])
        {
            _planes[y] = _builder.Reshape(Planes(x), 0, to[^1], -1);
            return;
        }

        long[] shape = [.. to.Select((size, d) => size == TracedGraph.Unknown && d < from.Length && _traced.Size(x, d) == _traced.Size(y, d) ? 0L : size)];
        if (shape.Count(size => size == TracedGraph.Unknown) > 1)
            throw new InvalidOperationException($"a value of layer {_builder.Layer} has two sizes that depend on the call");
        _rows[y] = _builder.Reshape(Rows(x), shape);
    }

    private void Add(int x, int y, int sum)
    {
        int[] shape = _traced.ShapeOf(x), other = [.. _traced.ShapeOf(y).SkipWhile(size => size == 1)];
        if (Rank(y) > shape.Length || !shape[^other.Length..].SequenceEqual(other))
            throw new InvalidOperationException($"values of layer {_builder.Layer} that are added do not fit each other");
        if (PrefersPlanes(x) && Rank(y) == Rank(x))
            _planes[sum] = _builder.Add("Add", [Planes(x), Planes(y)]);
        else
            _rows[sum] = _builder.Add("Add", [Rows(x), Rows(y)]);
    }

    /// <summary>[B, N, heads d] to [B, heads, N, d]</summary>
    private string Heads(string x, int size) => _builder.Transpose(_builder.Reshape(x, 0, 0, -1, size), 0, 2, 1, 3);

    private string Scaled(string q, int size) => _builder.Add("Mul", [q, _builder.Scalar(1 / MathF.Sqrt(size))]);

    /// <summary>
    /// softmax(q k^T + bias) v for each head: q, k and v are [B, heads, N, d], the result is [B, N, heads d].
    /// </summary>
    private string Attend(string q, string k, string v, string? bias = null)
    {
        string scores = _builder.Add("MatMul", [q, _builder.Transpose(k, 0, 1, 3, 2)]);
        if (bias is not null)
            scores = _builder.Add("Add", [scores, bias]);
        string y = _builder.Add("MatMul", [_builder.Add("Softmax", [scores], OnnxAttribute.Of("axis", -1L)), v]);
        return Joined(y);
    }

    /// <summary>[B, heads, N, d] to [B, N, heads d]</summary>
    private string Joined(string x) => _builder.Reshape(_builder.Transpose(x, 0, 2, 1, 3), 0, 0, -1);

    private void WindowAttention(int place, GraphNode node)
    {
        int heads = _traced.Fixed<int>(place, "heads"), tokens = _traced.ShapeOf(node.Inputs[0])[1];
        int size = Channels(node.Inputs[0]) / 3 / heads;
        string[] parts = _builder.AddSplit(Heads(Rows(node.Inputs[0]), 3 * size), 3, 3);
        string bias = _builder.Add(
            "Gather", [Rows(node.Inputs[1]), _builder.Table([tokens, tokens], _traced.Fixed<int[]>(place, "biasIndex"))],
            OnnxAttribute.Of("axis", 1L));
        _rows[node.Output] = Attend(Scaled(parts[0], size), parts[1], parts[2], bias);
    }

    /// <summary>
    /// Attention with decomposed relative positions (segment_anything/modeling/image_encoder.py,
    /// add_decomposed_rel_pos), as one softmax attention: the query is extended by its terms for each row and column,
    /// and the key by one-hot vectors of its own row and column, so no second score matrix is needed.
    /// </summary>
    private void RelativeAttention(int place, GraphNode node)
    {
        int heads = _traced.Fixed<int>(place, "heads"), height = _traced.Fixed<int>(place, "height"), width = _traced.Fixed<int>(place, "width");
        int size = Channels(node.Inputs[0]) / 3 / heads, tokens = height * width;
        string[] parts = _builder.AddSplit(Rows(node.Inputs[0]), 3, 2);
        string query = Heads(parts[0], size), key = Heads(parts[1], size);
        string grid = _builder.Reshape(query, -1, height, width, size);
        string byRow = _builder.Add("MatMul", [grid, Distances(node.Inputs[1], height)]);
        string byColumn = _builder.Transpose(
            _builder.Add("MatMul", [_builder.Transpose(grid, 0, 2, 1, 3), Distances(node.Inputs[2], width)]), 0, 2, 1, 3);
        string terms = _builder.Reshape(_builder.Concat(3, byRow, byColumn), -1, heads, tokens, height + width);

        float[] places = new float[tokens * (height + width)];
        for (int i = 0; i < tokens; i++)
            places[i * (height + width) + i / width] = places[i * (height + width) + height + i % width] = 1;
        string own = _builder.Add("Expand", [_builder.Floats([1, 1, tokens, height + width], places), _builder.Add("Shape", [terms])]);
        _rows[node.Output] = Attend(_builder.Concat(3, Scaled(query, size), terms), _builder.Concat(3, key, own), Heads(parts[2], size));
    }

    /// <summary>
    /// Gathers from a table of relative positions [2 n - 1, d] the vectors of all pairs of places, [n, d, n].
    /// </summary>
    private string Distances(int table, int n)
    {
        int[] index = new int[n * n];
        for (int i = 0; i < index.Length; i++)
            index[i] = i / n - i % n + n - 1;
        string pairs = _builder.Add("Gather", [Rows(table), _builder.Table([n, n], index)], OnnxAttribute.Of("axis", 0L));
        return _builder.Transpose(pairs, 0, 2, 1);
    }

    private void ResizeBicubic(int place, GraphNode node)
    {
        int channels = Channels(node.Inputs[0]);
        string map = _builder.Reshape(
            Rows(node.Inputs[0]), 1, _traced.Fixed<int>(place, "rows"), _traced.Fixed<int>(place, "columns"), channels);
        string sizes = _sizes.Rows is { } rows && _sizes.Columns is { } columns
            ? _builder.Concat(0, _builder.Integers(1, channels), rows, columns)
            : _builder.Integers(1, channels, _traced.Fixed<int>(place, "toRows"), _traced.Fixed<int>(place, "toColumns"));
        string resized = _builder.Add(
            "Resize", [_builder.Transpose(map, 0, 3, 1, 2), "", "", sizes], OnnxAttribute.Of("mode", "cubic"),
            OnnxAttribute.Of("coordinate_transformation_mode", "half_pixel"), OnnxAttribute.Of("cubic_coeff_a", -0.75f));
        _rows[node.Output] = _builder.Reshape(_builder.Transpose(resized, 0, 2, 3, 1), 1, -1, channels);
    }

    private void GatherRows(int place, GraphNode node)
    {
        (int[] first, int[] second) = _traced.Attribute<int[]>(place, "index");
        int[] shape = _traced.ShapeOf(node.Output);
        int channels = shape[^1];
        string rows = Rows(node.Inputs[0]);
        if (Rank(node.Inputs[0]) != 2)
            rows = _builder.Reshape(rows, -1, channels);
        if (!first.AsSpan().SequenceEqual(second))
        {
            _rows[node.Output] = PlaceOnGrid(node, rows, shape, first, second);
            return;
        }

        // Index -1 means no row: a row of zeros at the end stands for it.
        if (first.Contains(-1))
        {
            int end = _traced.Graph.Values[node.Inputs[0]].Shape.Aggregate(1, (a, b) => a * b) / channels;
            rows = _builder.Concat(0, rows, _builder.Floats([1, channels], new float[channels]));
            first = [.. first.Select(row => row < 0 ? end : row)];
        }

        _rows[node.Output] = _builder.Add(
            "Gather", [rows, _builder.Table([.. shape[..^1].Select(size => (long)size)], first)], OnnxAttribute.Of("axis", 0L));
    }

    /// <summary>
    /// Lowers the one gather whose table may depend on the call: it places the patches of a picture in the upper left
    /// of the full square grid.
    /// </summary>
    private string PlaceOnGrid(GraphNode node, string rows, int[] shape, params ReadOnlySpan<int[]> tables)
    {
        int side = (int)Math.Sqrt(tables[0].Length);
        foreach (int[] table in tables)
        {
            int columns = table.Take(side).Count(place => place >= 0), count = table.Count(place => place >= 0);
            for (int i = 0; i < table.Length; i++)
            {
                int expected = i % side < columns && i / side < count / columns ? i / side * columns + i % side : -1;
                if (side * side != table.Length || table[i] != expected)
                    throw Unsupported(node, "of rows that depend on the call in another way than a picture's place");
            }
        }

        if (_sizes is not { Rows: { } height, Columns: { } width })
            throw Unsupported(node, "of a picture whose size is not known");
        int channels = shape[^1];
        string picture = _builder.Add("Reshape", [rows, _builder.Concat(0, _builder.Integers(1), height, width, _builder.Integers(channels))]);
        string full = _builder.Integers(side);
        string pads = _builder.Concat(
            0, _builder.Integers(0, 0, 0, 0, 0), _builder.Add("Sub", [full, height]), _builder.Add("Sub", [full, width]), _builder.Integers(0));
        return _builder.Reshape(_builder.Add("Pad", [picture, pads]), 1, side * side, channels);
    }

    private void Repeat(int place, GraphNode node)
    {
        int[] shape = _traced.ShapeOf(node.Inputs[0]);
        (int first, int second) = _traced.Attribute<int>(place, "times");
        if (shape[0] != 1 || (first != second && _sizes.Batch is null))
            throw Unsupported(node, "of more than one item");
        string times = first == second ? _builder.Integers(first) : _sizes.Batch!;
        string size = _builder.Concat(0, times, _builder.Integers([.. shape.Skip(1).Select(d => (long)d)]));
        _rows[node.Output] = _builder.Add("Expand", [Rows(node.Inputs[0]), size]);
    }

    private bool PrefersPlanes(int id) => _planes[id] is not null && _rows[id] is null;

    private int Rank(int id) => _traced.Graph.Values[id].Shape.Length;

    private int Channels(int id) => _traced.Graph.Values[id].Shape[^1];

    private Weight WeightAt(int id) => _traced.Graph.Weights[_traced.Graph.Values[id].Name];

    private string Rows(int id)
    {
        if (_rows[id] is { } known)
            return known;
        GraphValue value = _traced.Graph.Values[id];
        return _rows[id] = value switch
        {
            { IsWeight: true } => _builder.Weight(WeightAt(id), WeightOrder.Plain),
            { Constant: { } constant } => _builder.Floats([.. value.Shape.Select(size => (long)size)], constant),
            _ when value.Shape.Length == 3 => _builder.Transpose(_planes[id]!, 0, 2, 1),
            _ => _builder.Transpose(_planes[id]!, 0, 2, 3, 1),
        };
    }

    private string Planes(int id)
        => _planes[id] ??= Rank(id) == 3 ? _builder.Transpose(Rows(id), 0, 2, 1) : _builder.Transpose(Rows(id), 0, 3, 1, 2);

    private static NotSupportedException Unsupported(GraphNode node, string what)
        => new($"{node.Op} of layer {node.Layer} {what}: it cannot be written as ONNX");
}
