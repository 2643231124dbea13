using PocketSam.Onnx.Graphs;
using PocketSam.Onnx.Wire;

namespace PocketSam.Onnx.Import;

/// <summary>A tensor of a graph that may be a weight.</summary>
/// <param name="Key">Its name without suffixes, or a key made of the path of the node that reads it.</param>
/// <param name="Tensor">The tensor.</param>
/// <param name="IsTransposed">Whether it is a matrix stored transposed against PyTorch's order.</param>
/// <param name="IsNamed">Whether the key is the tensor's own name.</param>
/// <param name="File">The file, for errors.</param>
internal sealed record FoundWeight(string Key, OnnxTensor Tensor, bool IsTransposed, bool IsNamed, string File);

/// <summary>
/// Finds the weights of a graph. PyTorch's exporter keeps most names but gives new ones (<c>onnx::MatMul_1966</c>) to
/// matrices that it transposes and to kernels that it folds a norm into; the name of the node that reads such a tensor
/// names its layer.
/// </summary>
internal static class GraphWeights
{
    /// <summary>Suffix that <see cref="OnnxExporter"/> gives to weights of half precision.</summary>
    private const string Half = ".half";

    private const string WeightName = "weight", BiasName = "bias";

    public static IReadOnlyList<FoundWeight> Of(OnnxModel model, string file)
    {
        // A constant is an initializer or a node, and several names can stand for one.
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

    /// <summary>Whether an exporter has replaced the name: <c>onnx::Conv_12</c>, <c>1234</c>.</summary>
    private static bool IsLost(string name) => name.Contains("::", StringComparison.Ordinal) || name.All(char.IsAsciiDigit);

    /// <summary>
    /// The layer of a node: <c>/patch_embed/seq/seq.0/c/Conv</c> belongs to <c>patch_embed.seq.0.c</c>. An element of a
    /// list repeats the name of the list.
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
