using System.Runtime.CompilerServices;
using PocketSam.Kernels;

namespace PocketSam.Tensors;

/// <summary>Operations that move rows.</summary>
internal static unsafe class LayoutOps
{
    /// <summary>
    /// y[i, :] = x[index[i], :], or zero where the index is negative; shape is that of the result. Where no index occurs
    /// twice (<paramref name="unique"/>) the gradient is written by several threads.
    /// </summary>
    public static Tensor GatherRows(this Tensor x, int[] index, bool unique, params int[] shape)
    {
        int channels = x.Channels;
        Tensor y = Tape.New(shape, x);
        if (y.Rows != index.Length || y.Channels != channels)
            throw new ArgumentException($"{index.Length} rows of {x} do not make {y}");
        int grain = Math.Max(1, 16_384 / channels);
        uint bytes = (uint)channels * sizeof(float);
        Workers.ForRange(index.Length, grain, (start, end) =>
        {
            for (int i = start; i < end; i++)
            {
                float* target = y.Data + (nint)i * channels;
                if (index[i] < 0)
                    new Span<float>(target, channels).Clear();
                else
                    Unsafe.CopyBlockUnaligned(target, x.Data + (nint)index[i] * channels, bytes);
            }
        });
        Tape.Step(y, () =>
        {
            // Rows that are all there once need not be cleared to be added to.
            bool covers = unique && index.Count(row => row >= 0) == x.Rows, accumulate = true;
            float* dx = covers ? Tape.GradientOf(x, out accumulate) : Tape.GradientToAddTo(x), dy = y.Buffer.Gradient!.Data;
            Workers.ForRange(index.Length, unique ? grain : int.MaxValue, (start, end) =>
            {
                for (int i = start; i < end; i++)
                {
                    if (index[i] < 0)
                        continue;
                    float* from = dy + (nint)i * channels, to = dx + (nint)index[i] * channels;
                    if (accumulate)
                        Simd.Run(new AddScaled { X = from, Target = to, Count = channels, Scale = 1f });
                    else
                        Unsafe.CopyBlockUnaligned(to, from, bytes);
                }
            });
        });
        return y;
    }

    /// <summary>Repeats each batch item: <c>[B, ...]</c> becomes <c>[B times, ...]</c>, copies of an item side by side.</summary>
    public static Tensor RepeatItems(this Tensor x, int times)
    {
        int batch = x.Shape[0];
        nint item = x.Count / batch;
        int[] shape = [.. x.Shape];
        shape[0] = batch * times;
        Tensor y = Tape.New(shape, x);
        Workers.For(batch * times, i => new Span<float>(x.Data + i / times * item, (int)item)
            .CopyTo(new Span<float>(y.Data + i * item, (int)item)));
        Tape.Step(y, () =>
        {
            float* dx = Tape.GradientOf(x, out bool accumulate), dy = y.Buffer.Gradient!.Data;
            for (int i = 0; i < batch * times; i++)
                Elementwise.Map<Identity>(dy + i * item, dx + i / times * item, item, accumulate || i % times > 0);
        });
        return y;
    }

    /// <summary>Joins <c>[B, Ni, C]</c> along the second dimension.</summary>
    public static Tensor Concatenate(params ReadOnlySpan<Tensor> parts)
    {
        int batch = parts[0].Shape[0], channels = parts[0].Channels, count = 0;
        foreach (Tensor part in parts)
            count += part.Shape[1];
        Tensor y = Tape.New([batch, count, channels], parts);
        int start = 0;
        foreach (Tensor part in parts)
        {
            CopyBlock(part.Data, 0, part.Shape[1], y.Data, start, count, part.Shape[1], batch, channels);
            start += part.Shape[1];
        }

        Tensor[] inputs = parts.ToArray();
        Tape.Step(y, () =>
        {
            int from = 0;
            foreach (Tensor part in inputs)
            {
                int n = part.Shape[1];
                float* d = Tape.GradientOf(part, out bool accumulate);
                if (d is not null)
                {
                    if (accumulate)
                        AddBlock(y.Buffer.Gradient!.Data, from, count, d, 0, n, n, batch, channels);
                    else
                        CopyBlock(y.Buffer.Gradient!.Data, from, count, d, 0, n, n, batch, channels);
                }

                from += n;
            }
        });
        return y;
    }

    /// <summary>x[:, start : start + length, :]</summary>
    public static Tensor Slice(this Tensor x, int start, int length)
    {
        int batch = x.Shape[0], count = x.Shape[1], channels = x.Channels;
        Tensor y = Tape.New([batch, length, channels], x);
        CopyBlock(x.Data, start, count, y.Data, 0, length, length, batch, channels);
        Tape.Step(y, () =>
            AddBlock(y.Buffer.Gradient!.Data, 0, length, Tape.GradientToAddTo(x), start, count, length, batch, channels));
        return y;
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
