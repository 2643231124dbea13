using PocketSam.Onnx.Wire;

namespace PocketSam.Onnx;

/// <summary>Describes an ONNX file, without running it.</summary>
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

    /// <summary>Path of the file.</summary>
    public string Path { get; }

    /// <summary>Its length in bytes, without external data files.</summary>
    public long Bytes { get; }

    /// <summary>Version of the ONNX format (<c>ir_version</c>).</summary>
    public long Version { get; }

    /// <summary>Version of the default operator set.</summary>
    public long OperatorSet { get; }

    /// <summary>Name and version of the program that wrote it; empty if the file does not say.</summary>
    public string Producer { get; }

    /// <summary>Metadata, by key.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Inputs of the graph, without those that have a stored value.</summary>
    public IReadOnlyList<OnnxPort> Inputs { get; }

    /// <summary>Outputs of the graph.</summary>
    public IReadOnlyList<OnnxPort> Outputs { get; }

    /// <summary>Number of nodes by operator, most frequent first.</summary>
    public IReadOnlyDictionary<string, int> Operations { get; }

    /// <summary>Number of stored tensors by element type, most frequent first.</summary>
    public IReadOnlyDictionary<string, int> Types { get; }

    /// <summary>Number of stored tensors: weights and constants.</summary>
    public int Tensors { get; }

    /// <summary>Elements of all stored tensors.</summary>
    public long Values { get; }

    /// <summary>Bytes of all stored tensors.</summary>
    public long TensorBytes { get; }

    /// <summary>Names of the external data files that hold weights.</summary>
    public IReadOnlyList<string> ExternalFiles { get; }

    /// <summary>Which part of a SAM model it is.</summary>
    public OnnxPart Part { get; }

    /// <summary>
    /// The kind of model that it belongs to, if it is a known one that is not supported; null otherwise.
    /// </summary>
    public string? Unsupported { get; }

    /// <summary>Reads a file without its weights.</summary>
    /// <param name="path">Path of the file.</param>
    /// <exception cref="OnnxFormatException">The file is not an ONNX model.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static OnnxFile Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new OnnxFile(path, OnnxModel.Read(path));
    }

    /// <summary>Recognises a graph by its inputs and outputs.</summary>
    /// <param name="inputs">Inputs of the graph, without those that have a stored value.</param>
    /// <param name="outputs">Outputs of the graph.</param>
    /// <param name="unsupported">
    /// The kind of model that it belongs to, if it is a known one that is not supported; null otherwise.
    /// </param>
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
