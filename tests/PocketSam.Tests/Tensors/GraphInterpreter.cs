using PocketSam.Kernels.Vectors;
using PocketSam.Tensors;

namespace PocketSam.Tests.Tensors;

/// <summary>Computes a traced graph from its nodes alone.</summary>
internal static class GraphInterpreter
{
    /// <summary>The graph's results for values of its inputs.</summary>
    public static Tensor[] Run(Graph graph, params Tensor[] inputs)
    {
        using Tape tape = Tape.Inference(new Deaf());
        var values = new Tensor?[graph.Values.Count];
        for (int i = 0; i < inputs.Length; i++)
            values[graph.Inputs[i]] = inputs[i];
        for (int i = 0; i < values.Length; i++)
        {
            if (graph.Values[i].Constant is { } constant)
                values[i] = Tensor.From(constant, graph.Values[i].Shape);
            else if (graph.Values[i].IsWeight)
                values[i] = graph.Weights[graph.Values[i].Name].Value;
        }

        foreach (GraphNode node in graph.Nodes)
        {
            Tensor y = Compute(graph, node, node.Inputs.Select(id => id == GraphNode.Absent ? null : values[id]).ToArray());
            Assert.Equal(graph.Values[node.Output].Shape, y.Shape);
            values[node.Output] = y;
        }

        return [.. graph.Outputs.Select(id => Tensor.From(values[id]!.Span, values[id]!.Shape))];
    }

    private static Tensor Compute(Graph graph, GraphNode node, Tensor?[] x)
    {
        return node.Op switch
        {
            GraphNode.Reshape => x[0]!.Reshape(Of<int[]>("shape")),
            "Linear" => x[0]!.Linear(WeightAt(1)!, WeightAt(2), x[3], Activate()),
            "Conv2d" => x[0]!.Conv2d(WeightAt(1)!, WeightAt(2), Of<int>("stride"), Of<int>("padding"), Activate()),
            "DepthwiseConv2d" => x[0]!.DepthwiseConv2d(WeightAt(1)!, Of<int>("stride"), WeightAt(2), Of<bool>("gelu")),
            "DepthToSpace" => DepthToSpace(x[0]!, x[1]!, graph.Values[node.Output].Shape),
            "LayerNorm" => x[0]!.LayerNorm(x[1]!, x[2]!, Of<float>("epsilon")),
            "Attention" => AttentionOps.MultiHead(x[0]!, x[1]!, x[2]!, Of<int>("heads")),
            "WindowAttention" => AttentionOps.Windowed(x[0]!, Of<int>("heads"), x[1]!, Of<int[]>("biasIndex")),
            "RelativeAttention" => x[0]!.RelativeAttention(
                Of<int>("heads"), x[1]!, x[2]!, Of<int>("height"), Of<int>("width")),
            "SelfAttention" => x[0]!.SelfAttention(Of<int>("heads")),
            "CausalSelfAttention" => x[0]!.CausalSelfAttention(Of<int>("heads")),
            "AddScaledChannels" => x[0]!.AddScaledChannels(x[1]!, WeightAt(2)!),
            "ResizeBicubic" => x[0]!.ResizeBicubic(
                Of<int>("rows"), Of<int>("columns"), Of<int>("toRows"), Of<int>("toColumns")),
            "MatMulTransposed" => MatrixOps.MatMulTransposed(x[0]!, x[1]!),
            "Gelu" => x[0]!.Gelu(),
            "Add" => x[0]!.Add(x[1]!),
            "AddRepeated" => x[0]!.AddRepeated(x[1]!),
            "GatherRows" => x[0]!.GatherRows(Of<int[]>("index"), unique: false, graph.Values[node.Output].Shape),
            "RepeatItems" => x[0]!.RepeatItems(Of<int>("times")),
            "Concatenate" => LayoutOps.Concatenate(x!),
            "Slice" => x[0]!.Slice(Of<int>("start"), Of<int>("length")),
            _ => throw new ArgumentException($"unknown op {node.Op}", nameof(node)),
        };

        T Of<T>(string name) => (T)node.Attributes[name];

        Activation Activate() => Enum.Parse<Activation>(Of<string>("activation"));

        Weight? WeightAt(int input)
            => node.Inputs[input] == GraphNode.Absent ? null : graph.Weights[graph.Values[node.Inputs[input]].Name];
    }

    private static Tensor DepthToSpace(Tensor x, Tensor bias, int[] shape)
    {
        Tensor y = Tensor.Zeros(shape);
        int width = shape[2], channels = shape[3];
        for (int i = 0; i < y.Count; i++)
        {
            int c = i % channels, column = i / channels % width, row = i / channels / width;
            int pixel = row / 2 * (width / 2) + column / 2, cell = row % 2 * 2 + column % 2;
            y.Span[i] = x.Span[(pixel * 4 + cell) * channels + c] + bias.Span[c];
        }

        return y;
    }

    /// <summary>Keeps what is computed here from whoever listens outside.</summary>
    private sealed class Deaf : TapeListener
    {
        public override void Finished(Op op, string layer, ReadOnlySpan<OpInput> inputs, Tensor output)
        {
        }
    }
}
