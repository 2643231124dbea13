using System.Numerics.Tensors;
using PocketSam.Tensors;
using Tensor = PocketSam.Tensors.Tensor;

namespace PocketSam.Training.Quantization;

/// <summary>
/// Layout of queries, keys and values in the input of an attention op, and the op's formula in floating point.
/// </summary>
/// <param name="Groups">Number of windows or pictures.</param>
/// <param name="Tokens">Number of tokens in each group.</param>
/// <param name="Heads">Number of heads.</param>
/// <param name="Dim">Number of channels of a head.</param>
/// <param name="IsInterleaved">
/// Whether the query, key and value of a head are adjacent (TinyViT); otherwise all queries come first, then keys, then
/// values.
/// </param>
/// <param name="Bias">Bias added to the scores, [heads, tokens, tokens]; null for none.</param>
internal sealed unsafe record AttentionLayout(int Groups, int Tokens, int Heads, int Dim, bool IsInterleaved, float[]? Bias)
{
    /// <summary>The layout of an attention op that can be simulated; null for any other op.</summary>
    public static AttentionLayout? Of(Op op, ReadOnlySpan<OpInput> inputs)
    {
        if (op.Name is not ("WindowAttention" or "SelfAttention"))
            return null;
        Tensor qkv = inputs[0].Tensor!;
        int heads = (int)op.Attributes["heads"], tokens = qkv.Shape[1];
        float[]? bias = null;
        if (op.Name == "WindowAttention")
        {
            int[] index = (int[])op.Attributes["biasIndex"];
            Span<float> table = inputs[1].Tensor!.Span;
            int offsets = table.Length / heads;
            bias = new float[heads * index.Length];
            for (int i = 0; i < bias.Length; i++)
                bias[i] = table[i / index.Length * offsets + index[i % index.Length]];
        }

        return new AttentionLayout(qkv.Shape[0], tokens, heads, qkv.Channels / (3 * heads), bias is not null, bias);
    }

    /// <summary>The queries (0), keys (1) or values (2) of a head in a group, [tokens, <see cref="Dim"/>].</summary>
    public float[] Copy(Tensor qkv, int group, int head, int part)
    {
        float[] copy = new float[Tokens * Dim];
        int start = IsInterleaved ? (head * 3 + part) * Dim : (part * Heads + head) * Dim;
        for (int t = 0; t < Tokens; t++)
        {
            new ReadOnlySpan<float>(qkv.Data + ((nint)group * Tokens + t) * qkv.Channels + start, Dim)
                .CopyTo(copy.AsSpan(t * Dim, Dim));
        }

        return copy;
    }

    /// <summary>softmax(q k^T / sqrt(d) + bias) of one query, [tokens].</summary>
    public void Probabilities(ReadOnlySpan<float> query, int token, int head, ReadOnlySpan<float> keys, Span<float> result)
    {
        float scale = 1f / MathF.Sqrt(Dim);
        for (int k = 0; k < Tokens; k++)
            result[k] = TensorPrimitives.Dot(query, keys.Slice(k * Dim, Dim)) * scale;
        if (Bias is not null)
            TensorPrimitives.Add(result, Bias.AsSpan((head * Tokens + token) * Tokens, Tokens), result);

        // TensorPrimitives.SoftMax does not subtract the maximum; large scores would overflow.
        TensorPrimitives.Subtract(result, TensorPrimitives.Max<float>(result), result);
        TensorPrimitives.SoftMax(result, result);
    }

    /// <summary>The sum of the values weighted by the probabilities, [<see cref="Dim"/>].</summary>
    public void Sum(ReadOnlySpan<float> probabilities, ReadOnlySpan<float> values, Span<float> result)
    {
        result.Clear();
        for (int k = 0; k < Tokens; k++)
            TensorPrimitives.MultiplyAdd(values.Slice(k * Dim, Dim), probabilities[k], result, result);
    }

    /// <summary>Offset of a head's result for a token in the output, [groups, tokens, heads dim].</summary>
    public nint OutputOf(int group, int token, int head) => (((nint)group * Tokens + token) * Heads + head) * Dim;
}
