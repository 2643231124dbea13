using PocketSam.Models;
using PocketSam.Onnx.Graphs;
using PocketSam.Onnx.Wire;
using PocketSam.Tensors;

namespace PocketSam.Onnx.Export;

/// <summary>
/// Points and box corners as embeddings (_embed_points of segment_anything/modeling/prompt_encoder.py). The library
/// computes them without tape operations, so a trace does not contain them: this is a second form of the formula, and
/// verification checks that the two agree.
/// </summary>
internal static class PromptPositions
{
    private const string Encoder = "prompt_encoder";

    /// <summary>Number of labels that have an embedding, -1 to 3. The row of the table after them is zero.</summary>
    private const int Kinds = 5;

    /// <summary>Positional encoding of the cells of an embedding, [side, side, C].</summary>
    public static float[] OfGrid(SamModel model, int side)
    {
        using Tape tape = Tape.Inference();
        return model.PromptEncoder.DensePositions(side).Span.ToArray();
    }

    /// <summary>
    /// Embeds coordinates [P, N, 2] in pixels of the input, and labels [P, N, 1] as floats, to [P, N, C]: sine and
    /// cosine of 2 pi (2 (x + 1/2) / S - 1) G, plus the embedding of the label. Label -1 has only the latter; labels
    /// below -1 give zeros.
    /// </summary>
    public static string Embed(SamModel model, GraphBuilder builder, string coordinates, string labels, int size)
    {
        builder.Layer = Encoder;
        string share = builder.Add("Div", [builder.Add("Add", [coordinates, builder.Scalar(0.5f)]), builder.Scalar(size)]);
        string centred = builder.Add("Sub", [builder.Add("Mul", [share, builder.Scalar(2)]), builder.Scalar(1)]);
        string waves = builder.Add("MatMul", [centred, Weight("pe_layer.positional_encoding_gaussian_matrix")]);
        string angles = builder.Add("Mul", [waves, builder.Scalar(2 * MathF.PI)]);
        string positions = builder.Concat(-1, builder.Add("Sin", [angles]), builder.Add("Cos", [angles]));

        string number = builder.Cast(builder.Add("Squeeze", [labels, builder.Integers(2)]), OnnxType.Int64);
        string isPoint = builder.Cast(builder.Add("GreaterOrEqual", [labels, builder.Scalar(0)]), OnnxType.Float);
        string isUnknown = builder.Add("Less", [number, builder.Integers(-1)]);
        string kind = builder.Add("Where", [isUnknown, builder.Integers(Kinds), builder.Add("Add", [number, builder.Integers(1)])]);
        string table = builder.Concat(
            0, Weight("not_a_point_embed.weight"), Weight("point_embeddings.0.weight"), Weight("point_embeddings.1.weight"),
            Weight("point_embeddings.2.weight"), Weight("point_embeddings.3.weight"),
            builder.Floats([1, model.Config.PromptEmbedDim], new float[model.Config.PromptEmbedDim]));
        string meaning = builder.Add("Gather", [table, kind], OnnxAttribute.Of("axis", 0L));
        string result = builder.Add("Add", [builder.Add("Mul", [positions, isPoint]), meaning]);
        builder.Layer = "";
        return result;

        string Weight(string key) => builder.Weight(Of(model, $"{Encoder}.{key}"), WeightOrder.Plain);
    }

    /// <summary>The embedding that stands for no mask prompt, [1, C].</summary>
    public static string NoMask(SamModel model, GraphBuilder builder)
        => builder.Weight(Of(model, $"{Encoder}.no_mask_embed.weight"), WeightOrder.Plain);

    private static Weight Of(SamModel model, string key) => model.State.Entries.Single(entry => entry.Key == key).Weight;
}
