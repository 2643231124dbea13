using System.Numerics.Tensors;
using PocketSam.Kernels.Ops;
using PocketSam.Layers;
using PocketSam.Tensors;
using PocketSam.Training.Data.Effects;
using Tensor = PocketSam.Tensors.Tensor;

namespace PocketSam.Training.Quantization;

/// <summary>
/// Listens to the image encoder of a floating-point model during the forward and backward pass, and keeps sampled rows
/// of the input of each product with the gradients of their outputs.
/// </summary>
/// <param name="random">Samples the rows.</param>
internal sealed unsafe class Calibration(RandomStream random) : TapeListener
{
    /// <summary>
    /// Number of values and gradients sampled from a picture for each layer. Gradients are large in few places, so a
    /// layer with few channels needs many rows.
    /// </summary>
    private const int ValuesOfPicture = 32_768;

    /// <summary>
    /// Number of heads sampled from a picture for each attention, over all windows, and of queries sampled from each
    /// head.
    /// </summary>
    private const int HeadsOfPicture = 12, QueriesOfHead = 32;

    private readonly Dictionary<TensorBuffer, Action<Tensor>> _pending = [];
    private readonly HashSet<TensorBuffer> _afterGelu = [];

    /// <summary>Linear layers and convolutions by key.</summary>
    public Dictionary<string, ProductSample> Products { get; } = [];

    /// <summary>Attention layers by key.</summary>
    public Dictionary<string, AttentionSample> Attentions { get; } = [];

    public override bool WantsSingleOps => true;

    /// <summary>Ends a picture after its forward and backward pass, before its tensors are released.</summary>
    public void EndPicture()
    {
        _pending.Clear();
        _afterGelu.Clear();
    }

    public override void Differentiating(Tensor output)
    {
        if (_pending.Remove(output.Buffer, out Action<Tensor>? keep))
            keep(output);
    }

    public override void Finished(Op op, string layer, ReadOnlySpan<OpInput> inputs, Tensor output)
    {
        if (op.Name == "Gelu")
            _afterGelu.Add(output.Buffer);
        string key = $"{layer}.weight";
        if (!QuantizableLayers.AreIntegers(key))
            return;
        if (ProductForm.Is(op) && QuantizableLayers.AreStored(key, inputs[1].Weight!.Shape))
            Keep(op, layer, inputs[0].Tensor!, inputs[1].Weight!, output);
        else if (AttentionLayout.Of(op, inputs) is { } attention)
            Keep(attention, layer, inputs[0].Tensor!, output);
    }

    private void Keep(Op op, string layer, Tensor x, Weight weight, Tensor output)
    {
        int n = weight.Shape[0], k = (int)(weight.Count / n);
        if (!Products.TryGetValue(layer, out ProductSample? sample))
            Products.Add(layer, sample = new ProductSample(n, k, weight.ToArray()));
        sample.Greatest = Math.Max(sample.Greatest, TensorPrimitives.Max<float>(x.Span));
        sample.Least = Math.Min(sample.Least, TensorPrimitives.Min<float>(x.Span));
        sample.Magnitude = Math.Max(sample.Magnitude, Math.Abs(TensorPrimitives.MaxMagnitude<float>(x.Span)));
        sample.IsAfterGelu |= _afterGelu.Contains(x.Buffer);

        int[] rows = Choose(output.Rows, Math.Max(1, ValuesOfPicture / (n + k)));
        float[] values = new float[rows.Length * k];
        for (int i = 0; i < rows.Length; i++)
        {
            Span<float> target = values.AsSpan(i * k, k);
            if (op.Name == "Linear")
                new ReadOnlySpan<float>(x.Data + (nint)rows[i] * k, k).CopyTo(target);
            else
                Patches(op, x, rows[i], target);
        }

        _pending[output.Buffer] = y =>
        {
            sample.Rows.AddRange(values);
            foreach (int row in rows)
                sample.Gradients.AddRange(y.GradientSpan.Slice(row * n, n));
        };
    }

    /// <summary>The input values of one output position of a convolution.</summary>
    private static void Patches(Op op, Tensor x, int row, Span<float> target)
    {
        var patches = new Im2ColKernel
        {
            Batch = x.Shape[0], Height = x.Shape[1], Width = x.Shape[2], Channels = x.Channels,
            Kernel = (int)op.Attributes["kernel"], Stride = (int)op.Attributes["stride"], Padding = (int)op.Attributes["padding"],
        };
        int* index = stackalloc int[patches.Kernel * patches.Kernel];
        patches.RowIndex(row, row + 1, index);
        target.Clear();
        for (int tap = 0; tap < patches.Kernel * patches.Kernel; tap++)
        {
            if (index[tap] >= 0)
            {
                new ReadOnlySpan<float>(x.Data + (nint)index[tap] * x.Channels, x.Channels)
                    .CopyTo(target.Slice(tap * x.Channels, x.Channels));
            }
        }
    }

    private void Keep(AttentionLayout layout, string layer, Tensor qkv, Tensor output)
    {
        if (!Attentions.TryGetValue(layer, out AttentionSample? sample))
            Attentions.Add(layer, sample = new AttentionSample());
        for (int group = 0; group < layout.Groups; group++)
        {
            for (int head = 0; head < layout.Heads; head++)
            {
                sample.Query = Math.Max(sample.Query, Magnitude(layout.Copy(qkv, group, head, 0)));
                sample.Key = Math.Max(sample.Key, Magnitude(layout.Copy(qkv, group, head, 1)));
                sample.Value = Math.Max(sample.Value, Magnitude(layout.Copy(qkv, group, head, 2)));
            }
        }

        var chosen = new List<(int Group, int Head, int[] Tokens, HeadSample Seen)>();
        foreach (int pair in Choose(layout.Groups * layout.Heads, HeadsOfPicture))
        {
            int group = pair / layout.Heads, head = pair % layout.Heads, dim = layout.Dim;
            int[] tokens = Choose(layout.Tokens, QueriesOfHead);
            float[] all = layout.Copy(qkv, group, head, 0), keys = layout.Copy(qkv, group, head, 1);
            float[] queries = [.. tokens.SelectMany(t => all.AsSpan(t * dim, dim).ToArray())];
            float[] probabilities = new float[tokens.Length * layout.Tokens];
            for (int i = 0; i < tokens.Length; i++)
            {
                layout.Probabilities(
                    queries.AsSpan(i * dim, dim), tokens[i], head, keys, probabilities.AsSpan(i * layout.Tokens, layout.Tokens));
            }

            chosen.Add((group, head, tokens, new HeadSample(
                dim, queries, keys, layout.Copy(qkv, group, head, 2), probabilities, new float[tokens.Length * dim])));
        }

        _pending[output.Buffer] = y =>
        {
            foreach ((int group, int head, int[] tokens, HeadSample seen) in chosen)
            {
                for (int i = 0; i < tokens.Length; i++)
                {
                    y.GradientSpan.Slice((int)layout.OutputOf(group, tokens[i], head), layout.Dim)
                        .CopyTo(seen.Gradients.AsSpan(i * layout.Dim, layout.Dim));
                }

                sample.Heads.Add(seen);
            }
        };

        static float Magnitude(float[] values) => Math.Abs(TensorPrimitives.MaxMagnitude<float>(values));
    }

    /// <summary>
    /// Distinct random numbers below <paramref name="count"/>, at most <paramref name="most"/>, ascending.
    /// </summary>
    private int[] Choose(int count, int most)
    {
        if (count <= most)
            return [.. Enumerable.Range(0, count)];
        var chosen = new HashSet<int>();
        while (chosen.Count < most)
            chosen.Add(random.Below(count));
        return [.. chosen.Order()];
    }
}
