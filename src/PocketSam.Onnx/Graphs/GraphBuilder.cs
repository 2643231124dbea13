using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using PocketSam.Onnx.Wire;
using PocketSam.Tensors;

namespace PocketSam.Onnx.Graphs;

/// <summary>Collects the nodes, weights and constants of a graph and gives each a unique name.</summary>
/// <param name="precision">How weights are stored.</param>
internal sealed class GraphBuilder(OnnxPrecision precision)
{
    /// <summary>
    /// Weights of fewer values stay in single precision: storing them smaller would save next to nothing.
    /// </summary>
    private const int FewValues = 512;

    private readonly List<OnnxNode> _nodes = [];
    private readonly List<OnnxTensor> _initializers = [];
    private readonly Dictionary<string, string> _weights = [];
    private readonly Dictionary<string, string> _constants = [];
    private readonly HashSet<string> _names = [];

    /// <summary>Prefix of the names of the nodes that are added: the key of their layer.</summary>
    public string Layer { get; set; } = "";

    /// <summary>The nodes added so far.</summary>
    public IReadOnlyList<OnnxNode> Nodes => _nodes;

    /// <summary>Adds a node of one output, and returns the name of both.</summary>
    public string Add(string op, IReadOnlyList<string> inputs, params OnnxAttribute[] attributes)
    {
        string name = Unique(Layer.Length == 0 ? op : $"{Layer}/{op}");
        _nodes.Add(new OnnxNode { OpType = op, Name = name, Inputs = inputs, Outputs = [name], Attributes = attributes });
        return name;
    }

    /// <summary>Adds a Split into equal parts along an axis, and returns the names of its outputs.</summary>
    public string[] AddSplit(string input, int parts, int axis)
    {
        string name = Unique($"{Layer}/Split");
        string[] outputs = [.. Enumerable.Range(0, parts).Select(i => Unique($"{name}.{i}"))];
        _nodes.Add(new OnnxNode
        {
            OpType = "Split", Name = name, Inputs = [input], Outputs = outputs, Attributes = [OnnxAttribute.Of("axis", (long)axis)],
        });
        return outputs;
    }

    /// <summary>Makes a value an output of the graph under its public name.</summary>
    public void Output(string name, string value)
        => _nodes.Add(new OnnxNode { OpType = "Identity", Name = Unique($"{name}/Identity"), Inputs = [value], Outputs = [name] });

    public string Transpose(string x, params long[] permutation) => Add("Transpose", [x], OnnxAttribute.Of("perm", permutation));

    /// <summary>Adds a Reshape: 0 copies a size from the input, -1 infers one.</summary>
    public string Reshape(string x, params long[] shape) => Add("Reshape", [x, Integers(shape)]);

    public string Cast(string x, OnnxType type) => Add("Cast", [x], OnnxAttribute.Of("to", (long)type));

    public string Concat(int axis, params string[] parts) => Add("Concat", parts, OnnxAttribute.Of("axis", (long)axis));

    public string Slice(string x, int axis, long start, long end) => Add("Slice", [x, Integers(start), Integers(end), Integers(axis)]);

    /// <summary>The size of one dimension of a value, as a vector of one element.</summary>
    public string Size(string x, int axis) => Slice(Add("Shape", [x]), 0, axis, axis + 1);

    /// <summary>GELU, x Phi(x), as the five nodes that runtimes recognise and fuse.</summary>
    public string Gelu(string x)
    {
        string erf = Add("Erf", [Add("Div", [x, Scalar(MathF.Sqrt(2))])]);
        return Add("Mul", [Add("Mul", [x, Add("Add", [erf, Scalar(1)])]), Scalar(0.5f)]);
    }

    public string Scalar(float value) => Floats([], [value]);

    /// <summary>A constant in single precision.</summary>
    public string Floats(IReadOnlyList<long> shape, params float[] values)
        => Constant("float", OnnxType.Float, shape, MemoryMarshal.AsBytes<float>(values).ToArray());

    /// <summary>A constant vector in double precision.</summary>
    public string Doubles(params double[] values)
        => Constant("double", OnnxType.Double, [values.Length], MemoryMarshal.AsBytes<double>(values).ToArray());

    /// <summary>A constant vector of int64.</summary>
    public string Integers(params long[] values)
        => Constant("int", OnnxType.Int64, [values.Length], MemoryMarshal.AsBytes<long>(values).ToArray());

    /// <summary>A constant int32 table of indices for Gather.</summary>
    public string Table(IReadOnlyList<long> shape, int[] values)
        => Constant("table", OnnxType.Int32, shape, MemoryMarshal.AsBytes<int>(values).ToArray());

    /// <summary>
    /// The values of a weight in the order that an operator expects, stored in the precision of the graph.
    /// </summary>
    public string Weight(Weight weight, WeightOrder order)
    {
        string name = order.NameOf(weight);
        if (_weights.TryGetValue(name, out string? known))
            return known;
        long[] shape = order.Shape(weight.Shape);
        string value;
        if (precision == OnnxPrecision.Int8 && weight.Quantized is { } quantized)
        {
            sbyte[] numbers = order.Arrange(quantized.Numbers, weight.Shape);
            string stored = Store($"{name}.int8", OnnxType.Int8, shape, numbers.Length, () => MemoryMarshal.AsBytes<sbyte>(numbers).ToArray());
            string scales = Store(
                $"{name}.scales", OnnxType.Float, [quantized.Scales.Length], 4L * quantized.Scales.Length,
                () => MemoryMarshal.AsBytes<float>(quantized.Scales).ToArray());
            value = AddAt(name, "DequantizeLinear", [stored, scales], OnnxAttribute.Of("axis", (long)order.OutputAxis));
        }
        else if (precision == OnnxPrecision.Float32 || weight.Count < FewValues)
        {
            value = Store(name, OnnxType.Float, shape, sizeof(float) * (long)weight.Count, () => MemoryMarshal.AsBytes<float>(Values()).ToArray());
        }
        else
        {
            string stored = Store($"{name}.half", OnnxType.Float16, shape, 2L * weight.Count, () =>
            {
                var half = new Half[weight.Count];
                TensorPrimitives.ConvertToHalf(Values(), half);
                if (!TensorPrimitives.IsFiniteAll<Half>(half))
                    throw new ArgumentException($"weight {weight.Key}: holds a value too large for half precision");
                return MemoryMarshal.AsBytes<Half>(half).ToArray();
            });
            value = AddAt(name, "Cast", [stored], OnnxAttribute.Of("to", (long)OnnxType.Float));
        }

        _weights.Add(name, value);
        return value;

        float[] Values() => order.Arrange(weight.ToArray(), weight.Shape);
    }

    public OnnxGraph ToGraph(string name, IReadOnlyList<OnnxValue> inputs, IReadOnlyList<OnnxValue> outputs)
        => new() { Name = name, Nodes = _nodes, Initializers = _initializers, Inputs = inputs, Outputs = outputs };

    private string AddAt(string name, string op, IReadOnlyList<string> inputs, OnnxAttribute attribute)
    {
        name = Unique(name);
        _nodes.Add(new OnnxNode { OpType = op, Name = name, Inputs = inputs, Outputs = [name], Attributes = [attribute] });
        return name;
    }

    private string Store(string name, OnnxType type, IReadOnlyList<long> shape, long bytes, Func<byte[]> values)
    {
        name = Unique(name);
        _initializers.Add(new OnnxTensor { Name = name, ElementType = type, Shape = shape, ByteLength = bytes, Values = values });
        return name;
    }

    /// <summary>Stores a constant, or returns the name of an equal one.</summary>
    private string Constant(string kind, OnnxType type, IReadOnlyList<long> shape, byte[] bytes)
    {
        string key = $"{type} {string.Join(',', shape)} {Convert.ToHexString(SHA256.HashData(bytes))}";
        if (_constants.TryGetValue(key, out string? known))
            return known;
        string name = Store($"constants/{kind}", type, shape, bytes.Length, () => bytes);
        _constants.Add(key, name);
        return name;
    }

    private string Unique(string name)
    {
        string unique = name;
        for (int i = 1; !_names.Add(unique); i++)
            unique = $"{name}_{i}";
        return unique;
    }
}
