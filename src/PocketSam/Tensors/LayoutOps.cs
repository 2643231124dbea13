using System.Runtime.CompilerServices;
using PocketSam.Kernels;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Tensors;

/// <summary>Operations that move rows of the last dimension.</summary>
internal static unsafe class LayoutOps
{
    /// <summary>
    /// y[i, :] = x[index[i], :], or zero where the index is negative; <paramref name="shape"/> is that of the result.
    /// If no index occurs twice (<paramref name="unique"/>), several threads write the gradient.
    /// </summary>
    /// <exception cref="ArgumentException">The rows do not fill <paramref name="shape"/>.</exception>
    public static Tensor GatherRows(this Tensor x, int[] index, bool unique, params int[] shape)
    {
        long count = 1;
        foreach (int d in shape)
            count *= d;
        if (shape[^1] != x.Channels || count != (long)index.Length * x.Channels)
            throw new ArgumentException($"{index.Length} rows of {x} do not make [{string.Join(", ", shape)}]");
        return Tape.Run(new GatherRowsOp(x, index, unique), shape, x);
    }

    /// <summary>
    /// Repeats each batch item: <c>[B, ...]</c> becomes <c>[B * times, ...]</c>, copies of an item side by side.
    /// </summary>
    public static Tensor RepeatItems(this Tensor x, int times)
    {
        int[] shape = [.. x.Shape];
        shape[0] *= times;
        return Tape.Run(new RepeatItemsOp(x, times), shape, x);
    }

    /// <summary>Joins <c>[B, Ni, C]</c> along the second dimension.</summary>
    public static Tensor Concatenate(params ReadOnlySpan<Tensor> parts)
    {
        int count = 0;
        var inputs = new OpInput[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            count += parts[i].Shape[1];
            inputs[i] = parts[i];
        }

        return Tape.Run(new ConcatenateOp(parts.ToArray()), [parts[0].Shape[0], count, parts[0].Channels], inputs);
    }

    /// <summary>x[:, start : start + length, :]</summary>
    public static Tensor Slice(this Tensor x, int start, int length)
        => Tape.Run(new SliceOp(x, start, length), [x.Shape[0], length, x.Channels], x);

    /// <summary>y[i] = x[index[i]]; dx[index[i]] += dy[i]</summary>
    private sealed class GatherRowsOp(Tensor x, int[] index, bool unique) : Op
    {
        private readonly int _channels = x.Channels, _grain = Math.Max(1, 16_384 / x.Channels);

        public override string Name => "GatherRows";

        public override IReadOnlyDictionary<string, object> Attributes
            => new Dictionary<string, object> { ["index"] = index };

        public override void Forward(Tensor y)
        {
            uint bytes = (uint)_channels * sizeof(float);
            Workers.ForRange(index.Length, _grain, (start, end) =>
            {
                for (int i = start; i < end; i++)
                {
                    float* target = y.Data + (nint)i * _channels;
                    if (index[i] < 0)
                        new Span<float>(target, _channels).Clear();
                    else
                        Unsafe.CopyBlockUnaligned(target, x.Data + (nint)index[i] * _channels, bytes);
                }
            });
        }

        public override void Backward(Tensor y)
        {
            // Rows that all occur exactly once are overwritten and need no clearing.
            bool covers = unique && index.Count(row => row >= 0) == x.Rows, accumulate = true;
            float* dx = covers ? Tape.GradientOf(x, out accumulate) : Tape.GradientToAddTo(x), dy = y.Buffer.Gradient!.Data;
            uint bytes = (uint)_channels * sizeof(float);
            Workers.ForRange(index.Length, unique ? _grain : int.MaxValue, (start, end) =>
            {
                for (int i = start; i < end; i++)
                {
                    if (index[i] < 0)
                        continue;
                    float* from = dy + (nint)i * _channels, to = dx + (nint)index[i] * _channels;
                    if (accumulate)
                        Simd.Run(new AddScaled { X = from, Target = to, Count = _channels, Scale = 1f });
                    else
                        Unsafe.CopyBlockUnaligned(to, from, bytes);
                }
            });
        }
    }

    /// <summary>y[b times + t] = x[b]; dx[b] = sum of dy over t</summary>
    private sealed class RepeatItemsOp(Tensor x, int times) : Op
    {
        private readonly int _count = x.Shape[0] * times;
        private readonly nint _item = x.Count / x.Shape[0];

        public override string Name => "RepeatItems";

        public override IReadOnlyDictionary<string, object> Attributes
            => new Dictionary<string, object> { ["times"] = times };

        public override void Forward(Tensor y)
            => Workers.For(_count, i => new Span<float>(x.Data + i / times * _item, (int)_item)
                .CopyTo(new Span<float>(y.Data + i * _item, (int)_item)));

        public override void Backward(Tensor y)
        {
            float* dx = Tape.GradientOf(x, out bool accumulate), dy = y.Buffer.Gradient!.Data;
            for (int i = 0; i < _count; i++)
                Elementwise.Map<Identity>(dy + i * _item, dx + i / times * _item, _item, accumulate || i % times > 0);
        }
    }

    /// <summary>y = (x1, x2, ...); dxi is its part of dy</summary>
    private sealed class ConcatenateOp(Tensor[] parts) : Op
    {
        public override string Name => "Concatenate";

        public override void Forward(Tensor y)
        {
            int start = 0;
            foreach (Tensor part in parts)
            {
                int n = part.Shape[1];
                CopyBlock(part.Data, 0, n, y.Data, start, y.Shape[1], n, y.Shape[0], y.Channels);
                start += n;
            }
        }

        public override void Backward(Tensor y)
        {
            int start = 0, count = y.Shape[1], batch = y.Shape[0], channels = y.Channels;
            float* dy = y.Buffer.Gradient!.Data;
            foreach (Tensor part in parts)
            {
                int n = part.Shape[1];
                float* d = Tape.GradientOf(part, out bool accumulate);
                if (d is not null && accumulate)
                    AddBlock(dy, start, count, d, 0, n, n, batch, channels);
                else if (d is not null)
                    CopyBlock(dy, start, count, d, 0, n, n, batch, channels);
                start += n;
            }
        }
    }

    /// <summary>y = x[:, start : start + length]; dx is dy there and zero elsewhere</summary>
    private sealed class SliceOp(Tensor x, int start, int length) : Op
    {
        public override string Name => "Slice";

        public override IReadOnlyDictionary<string, object> Attributes
            => new Dictionary<string, object> { ["start"] = start, ["length"] = length };

        public override void Forward(Tensor y)
            => CopyBlock(x.Data, start, x.Shape[1], y.Data, 0, length, length, x.Shape[0], x.Channels);

        public override void Backward(Tensor y) => AddBlock(
            y.Buffer.Gradient!.Data, 0, length, Tape.GradientToAddTo(x), start, x.Shape[1], length, x.Shape[0], x.Channels);
    }

    private static void CopyBlock(
        float* source, int sourceStart, int sourceCount, float* target, int targetStart, int targetCount, int count,
        int batch, int channels)
    {
        for (int b = 0; b < batch; b++)
        {
            new Span<float>(source + ((nint)b * sourceCount + sourceStart) * channels, count * channels)
                .CopyTo(new Span<float>(target + ((nint)b * targetCount + targetStart) * channels, count * channels));
        }
    }

    private static void AddBlock(
        float* source, int sourceStart, int sourceCount, float* target, int targetStart, int targetCount, int count,
        int batch, int channels)
    {
        for (int b = 0; b < batch; b++)
        {
            Simd.Run(new AddScaled
            {
                X = source + ((nint)b * sourceCount + sourceStart) * channels,
                Target = target + ((nint)b * targetCount + targetStart) * channels,
                Count = count * channels,
                Scale = 1f,
            });
        }
    }
}
