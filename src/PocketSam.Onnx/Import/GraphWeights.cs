using PocketSam.Onnx.Graphs;
using PocketSam.Onnx.Wire;

namespace PocketSam.Onnx.Import;

/// <summary>A tensor of a graph that may be a weight.</summary>
/// <param name="Key">Its name, or the path of the layer that reads it.</param>
/// <param name="Tensor">The values.</param>
/// <param name="IsTransposed">Whether a matrix lies the other way round than PyTorch has it.</param>
/// <param name="IsNamed">Whether the name is its own and not that of a node.</param>
/// <param name="File">The file.</param>
internal sealed record FoundWeight(string Key, OnnxTensor Tensor, bool IsTransposed, bool IsNamed, string File);

/// <summary>
/// Weights of a graph. An exporter keeps the names of most, but gives a new one (<c>onnx::MatMul_1966</c>) to a matrix that it
/// transposes and to a kernel that it folds a norm into; then the name of the node that reads it tells the layer.
/// </summary>
internal static class GraphWeights
{
    /// <summary>What our own exporter puts after names.</summary>
    private const string Half = ".half";

    private const string WeightName = "weight", BiasName = "bias";

    public static IReadOnlyList<FoundWeight> Of(OnnxModel model, string file)
    {
        // A constant may be an initialiser or a node, and several names may stand for one.
        Dictionary<string, OnnxTensor> tensors = [];
        foreach (OnnxTensor tensor in model.Graph.Initializers)
            tensors[tensor.Name] = tensor;
        var found = new List<FoundWeight>();
        foreach (OnnxTensor tensor in model.Graph.Initializers.Where(tensor => !IsLost(tensor.Name)))
        {
            string name = Without(tensor.Name, Half), plain = Without(name, WeightOrder.TransposedMark);
            found.Add(new FoundWeight(plain, tensor, plain.Length < name.Length, IsNamed: true, file));
        }

        foreach (OnnxNode node in model.Graph.Nodes)
        {
            switch (node.OpType)
            {
                case "Constant" when node.Attributes.FirstOrDefault(a => a.Tensor is not null)?.Tensor is { } constant && node.Outputs.Count > 0:
                    tensors[node.Outputs[0]] = constant;
                    break;
                case "Identity" or "Cast" when node.Inputs.Count > 0 && node.Outputs.Count > 0 && tensors.TryGetValue(node.Inputs[0], out OnnxTensor? same):
                    tensors[node.Outputs[0]] = same;
                    break;
                case "MatMul" or "Gemm" or "Conv" or "ConvTranspose":
                    string path = PathOf(node.Name);
                    bool isTransposed = node.OpType == "MatMul" || (node.OpType == "Gemm" && node.Attributes.All(a => a.Name != "transB" || a.Int != 1));
                    Add(node.Inputs.ElementAtOrDefault(1), $"{path}.{WeightName}", isTransposed);
                    Add(node.Inputs.ElementAtOrDefault(2), $"{path}.{BiasName}", false);
                    break;
            }
        }

        return found;

        void Add(string? input, string key, bool isTransposed)
        {
            if (input is not null && IsLost(input) && key[0] != '.' && tensors.TryGetValue(input, out OnnxTensor? tensor))
                found.Add(new FoundWeight(key, tensor, isTransposed, IsNamed: false, file));
        }
    }

    /// <summary>Names that exporters give: <c>onnx::Conv_12</c>, <c>1234</c>.</summary>
    private static bool IsLost(string name) => name.Contains("::", StringComparison.Ordinal) || name.All(char.IsAsciiDigit);

    /// <summary>
    /// The layer of a node: <c>/patch_embed/seq/seq.0/c/Conv</c> is of <c>patch_embed.seq.0.c</c>. A list says its own name again.
    /// </summary>
    private static string PathOf(string node)
    {
        var parts = new List<string>();
        foreach (string part in node.Split('/', StringSplitOptions.RemoveEmptyEntries).SkipLast(1))
        {
            if (parts.Count > 0 && part.StartsWith(parts[^1] + ".", StringComparison.Ordinal))
                parts[^1] = part;
            else
                parts.Add(part);
        }

        return string.Join('.', parts);
    }

    private static string Without(string name, string end) => name.EndsWith(end, StringComparison.Ordinal) ? name[..^end.Length] : name;
}
