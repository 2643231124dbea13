using PocketSam.Onnx.Wire;

namespace PocketSam.Onnx;

/// <summary>What a file of ONNX holds, read without computing anything.</summary>
public sealed class OnnxFile
{
    private static readonly (string Name, string What)[] Others =
    [
        ("high_res_feats_0", "SAM 2, whose decoder takes other features"),
        ("interm_embeddings", "HQ-SAM, whose decoder takes further embeddings"),
        ("output0", "a YOLO"),
    ];

    private OnnxFile(string path, OnnxModel model)
    {
        OnnxGraph graph = model.Graph;
        var stored = graph.Initializers.Select(tensor => tensor.Name).ToHashSet();
        Path = path;
        Bytes = new FileInfo(path).Length;
        Version = model.Version;
        OperatorSet = model.Opset;
        Producer = string.Join(' ', new[] { model.Producer, model.ProducerVersion }.Where(text => text.Length > 0));
        Metadata = model.Metadata;
        Inputs = [.. graph.Inputs.Where(input => !stored.Contains(input.Name)).Select(PortOf)];
        Outputs = [.. graph.Outputs.Select(PortOf)];
        Operations = Count(graph.Nodes.Select(node => node.OpType));
        Types = Count(graph.Initializers.Select(tensor => NameOf(tensor.ElementType)));
        Tensors = graph.Initializers.Count;
        Values = graph.Initializers.Sum(tensor => tensor.Count);
        TensorBytes = graph.Initializers.Sum(tensor => tensor.ByteLength);
        ExternalFiles = [.. graph.Initializers.Select(tensor => tensor.External?.Location).OfType<string>().Distinct()];
        Part = Recognize(Inputs, Outputs, out string? other);
        Unsupported = other;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Its length, without files beside it.</summary>
    public long Bytes { get; }

    /// <summary>Version of the format.</summary>
    public long Version { get; }

    /// <summary>Version of ONNX's own operator set.</summary>
    public long OperatorSet { get; }

    /// <summary>What wrote it; empty where it does not say.</summary>
    public string Producer { get; }

    /// <summary>Facts that it carries, by name.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>What must be given at each call.</summary>
    public IReadOnlyList<OnnxPort> Inputs { get; }

    /// <summary>What it gives.</summary>
    public IReadOnlyList<OnnxPort> Outputs { get; }

    /// <summary>How many nodes there are of each operation, the most frequent first.</summary>
    public IReadOnlyDictionary<string, int> Operations { get; }

    /// <summary>How many stored tensors there are of each element type.</summary>
    public IReadOnlyDictionary<string, int> Types { get; }

    /// <summary>Weights and constants.</summary>
    public int Tensors { get; }

    /// <summary>Elements of all of them.</summary>
    public long Values { get; }

    /// <summary>Bytes of all of them.</summary>
    public long TensorBytes { get; }

    /// <summary>Files beside it that hold weights.</summary>
    public IReadOnlyList<string> ExternalFiles { get; }

    /// <summary>What it is of a model of SAM's family.</summary>
    public OnnxPart Part { get; }

    /// <summary>The model that it is of, where that is known and not supported.</summary>
    public string? Unsupported { get; }

    /// <summary>Reads a file; weights stay where they are.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="OnnxFormatException">It is no model of ONNX.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static OnnxFile Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new OnnxFile(path, OnnxModel.Read(path));
    }

    /// <summary>What a graph with these inputs and results is.</summary>
    /// <param name="inputs">Its inputs, without those that the file has values for.</param>
    /// <param name="outputs">Its results.</param>
    /// <param name="unsupported">The model that it is of, where that is known and not supported; null otherwise.</param>
    public static OnnxPart Recognize(IReadOnlyList<OnnxPort> inputs, IReadOnlyList<OnnxPort> outputs, out string? unsupported)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(outputs);
        var names = inputs.Select(input => input.Name).ToHashSet();
        unsupported = Others.FirstOrDefault(other => names.Contains(other.Name) || outputs.Any(output => output.Name == other.Name)).What;
        if (unsupported is not null)
            return OnnxPart.Other;
        if (inputs.All(input => input.IsFloat || input.Name == OnnxNames.PointLabels))
        {
            string[] official = [OnnxNames.Embeddings, OnnxNames.Coordinates, OnnxNames.Labels, OnnxNames.Mask, OnnxNames.HasMask];
            if (names.SetEquals(official) || names.SetEquals(official.Append(OnnxNames.Size)))
                return OnnxPart.OfficialDecoder;
            if (names.SetEquals([OnnxNames.Embeddings, OnnxNames.Coordinates, OnnxNames.Labels]))
                return OnnxPart.PointsDecoder;
            if (names.SetEquals([OnnxNames.Positions, OnnxNames.Embeddings, OnnxNames.Points, OnnxNames.PointLabels]))
                return OnnxPart.TransformersDecoder;
        }

        if (!outputs.Any(output => output.IsFloat && output.Sizes.Count == 4)
            || inputs.FirstOrDefault(input => input.Name != OnnxNames.Patches) is not { } picture)
        {
            return OnnxPart.Other;
        }

        bool arePlanes = picture.Sizes is [_, 3, _, _];
        return inputs.Count switch
        {
            2 when names.Contains(OnnxNames.Patches) && arePlanes && picture.IsFloat => OnnxPart.PatchesEncoder,
            1 when arePlanes && picture.IsFloat => OnnxPart.PlanesEncoder,
            1 when arePlanes && picture.IsBytes => OnnxPart.BytesEncoder,
            1 when picture.Sizes is [_, _, 3] && picture.IsFloat => OnnxPart.PixelsEncoder,
            _ => OnnxPart.Other,
        };
    }

    private static OnnxPort PortOf(OnnxValue value) => new(
        value.Name, NameOf(value.ElementType), [.. value.Shape.Select(size => size.Name is null && size.Number > 0 ? size.Number : (long?)null)]);

    private static string NameOf(OnnxType type) => type.ToString().ToLowerInvariant();

    private static Dictionary<string, int> Count(IEnumerable<string> names)
        => names.CountBy(name => name).OrderByDescending(count => count.Value).ThenBy(count => count.Key, StringComparer.Ordinal).ToDictionary();
}
