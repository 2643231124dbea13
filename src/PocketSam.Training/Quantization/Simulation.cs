using System.Collections.Concurrent;
using PocketSam.Kernels;
using PocketSam.Tensors;

namespace PocketSam.Training.Quantization;

/// <summary>
/// Computes products with rounded operands in floating point, which gives the results of integer arithmetic. Layers
/// without ranges stay unchanged.
/// </summary>
/// <param name="products">Ranges of linear layers and convolutions, by key.</param>
/// <param name="attentions">Ranges of attention layers, by key.</param>
/// <param name="bits">Bits of weights.</param>
internal sealed unsafe class Simulation(
    IReadOnlyDictionary<string, ProductRanges> products, IReadOnlyDictionary<string, AttentionRanges> attentions, int bits) : TapeListener
{
    private readonly ConcurrentDictionary<string, Weight> _weights = [];

    public override bool WantsSingleOps => true;

    public override bool Computes(Op op, string layer, ReadOnlySpan<OpInput> inputs, Tensor output)
    {
        if (ProductForm.Is(op) && products.TryGetValue(layer, out ProductRanges? ranges))
        {
            Compute(op, layer, ranges, inputs, output);
            return true;
        }

        if (attentions.TryGetValue(layer, out AttentionRanges? attention) && AttentionLayout.Of(op, inputs) is { } layout)
        {
            Compute(layout, attention, inputs[0].Tensor!, output);
            return true;
        }

        return false;
    }

    public override void Finished(Op op, string layer, ReadOnlySpan<OpInput> inputs, Tensor output)
    {
    }

    private void Compute(Op op, string layer, ProductRanges ranges, ReadOnlySpan<OpInput> inputs, Tensor output)
    {
        Weight weight = inputs[1].Weight!;
        Weight rounded = _weights.GetOrAdd(layer, _ => new Weight(Tensor.From(WeightRounding.Round(weight.ToArray(), ranges.WeightShares, bits), weight.Shape)));
        using Tape tape = ProductForm.UnobservedTape();
        ProductForm.Compute(op, inputs, Round(inputs[0].Tensor!, ranges.Input), rounded, output);
    }

    private static Tensor Round(Tensor x, Quantizer quantizer)
    {
        Tensor rounded = Tape.New(x.Shape);
        Workers.ForRange(x.Rows, Math.Max(1, 16_384 / x.Channels), (start, end) => quantizer.Apply(
            new ReadOnlySpan<float>(x.Data + (nint)start * x.Channels, (end - start) * x.Channels),
            new Span<float>(rounded.Data + (nint)start * x.Channels, (end - start) * x.Channels)));
        return rounded;
    }

    private static void Compute(AttentionLayout layout, AttentionRanges ranges, Tensor qkv, Tensor output)
        => Workers.For(layout.Groups * layout.Heads, pair =>
        {
            int group = pair / layout.Heads, head = pair % layout.Heads, dim = layout.Dim;
            float[] queries = layout.Copy(qkv, group, head, 0), keys = layout.Copy(qkv, group, head, 1), values = layout.Copy(qkv, group, head, 2);
            ranges.Query.Apply(queries, queries);
            ranges.Key.Apply(keys, keys);
            ranges.Value.Apply(values, values);
            float[] probabilities = new float[layout.Tokens];
            for (int t = 0; t < layout.Tokens; t++)
            {
                layout.Probabilities(queries.AsSpan(t * dim, dim), t, head, keys, probabilities);
                ranges.Probability.Apply(probabilities, probabilities);
                layout.Sum(probabilities, values, new Span<float>(output.Data + layout.OutputOf(group, t, head), dim));
            }
        });
}
