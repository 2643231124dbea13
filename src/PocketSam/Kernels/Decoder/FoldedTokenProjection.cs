using System.Runtime.CompilerServices;
using PocketSam.Kernels.Products;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Kernels.Decoder;

/// <summary>
/// Multiplies the projection of one head of image rows into a few tokens. The shapes are small and odd (about seven
/// tokens, heads of width 16), so nothing is packed for later use.
/// </summary>
internal static unsafe class FoldedTokenProjection
{
    /// <summary>
    /// target[t, c] = sum over d of x[t, d] W[d, c]: tokens of a head in rows of <paramref name="stride"/> floats, W
    /// <c>[dim, channels]</c>, target <c>[tokens, channels]</c>.
    /// </summary>
    public static void Inputs(float* x, nint stride, int tokens, int dim, float* weights, int channels, float* target)
        => Simd.Run(new InputFold
        {
            X = x, Weights = weights, Target = target, Stride = stride, Tokens = tokens, Dim = dim, Channels = channels,
        });

    /// <summary>
    /// target[c, t] = sum over d of W[c, d] x[t, d]: W in rows of <paramref name="weightStride"/> floats, target in
    /// rows of <paramref name="targetStride"/> floats.
    /// </summary>
    public static void Outputs(
        float* x, nint stride, int tokens, int dim, float* weights, nint weightStride, int channels, float* target,
        nint targetStride)
        => Simd.Run(new OutputFold
        {
            X = x, Weights = weights, Target = target, Stride = stride, WeightStride = weightStride,
            TargetStride = targetStride, Tokens = tokens, Dim = dim, Channels = channels,
        });

    private struct InputFold : ISimdKernel
    {
        public float* X, Weights, Target;
        public nint Stride;
        public int Tokens, Dim, Channels;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<S, V>() where S : struct, ISimd<V> where V : struct
        {
            int channels = Channels, w = S.Width, blocks = channels - channels % (4 * w);
            for (int t = 0; t < Tokens; t += 2)
            {
                // Two tokens at a time; the last of an odd number is paired with itself.
                int step = t + 1 < Tokens ? 1 : 0;
                float* x = X + t * Stride, y = x + step * Stride;
                float* target = Target + (nint)t * channels, other = target + step * channels;
                for (int c = 0; c < blocks; c += 4 * w)
                {
                    V x0 = default, x1 = default, x2 = default, x3 = default;
                    V y0 = default, y1 = default, y2 = default, y3 = default;
                    float* from = Weights + c;
                    for (int d = 0; d < Dim; d++)
                    {
                        V w0 = S.Load(from), w1 = S.Load(from + w);
                        V w2 = S.Load(from + 2 * w), w3 = S.Load(from + 3 * w);
                        V a = S.Set(x[d]);
                        x0 = S.MultiplyAdd(a, w0, x0);
                        x1 = S.MultiplyAdd(a, w1, x1);
                        x2 = S.MultiplyAdd(a, w2, x2);
                        x3 = S.MultiplyAdd(a, w3, x3);
                        a = S.Set(y[d]);
                        y0 = S.MultiplyAdd(a, w0, y0);
                        y1 = S.MultiplyAdd(a, w1, y1);
                        y2 = S.MultiplyAdd(a, w2, y2);
                        y3 = S.MultiplyAdd(a, w3, y3);
                        from += channels;
                    }

                    Store<S, V>(target + c, x0, x1, x2, x3);
                    Store<S, V>(other + c, y0, y1, y2, y3);
                }

                int rest = blocks;
                for (; rest + w <= channels; rest += w)
                    Pair<S, V>(x, y, rest, target + rest, other + rest);
                for (; rest < channels; rest++)
                    Pair<SimdScalar, float>(x, y, rest, target + rest, other + rest);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Store<S, V>(float* target, V a, V b, V c, V d) where S : struct, ISimd<V> where V : struct
        {
            S.Store(target, a);
            S.Store(target + S.Width, b);
            S.Store(target + 2 * S.Width, c);
            S.Store(target + 3 * S.Width, d);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void Pair<T, W>(float* x, float* y, int c, float* target, float* other)
            where T : struct, ISimd<W> where W : struct
        {
            W sumX = default, sumY = default;
            for (int d = 0; d < Dim; d++)
            {
                W w = T.Load(Weights + (nint)d * Channels + c);
                sumX = T.MultiplyAdd(T.Set(x[d]), w, sumX);
                sumY = T.MultiplyAdd(T.Set(y[d]), w, sumY);
            }

            T.Store(target, sumX);
            T.Store(other, sumY);
        }
    }

    private struct OutputFold : ISimdKernel
    {
        public float* X, Weights, Target;
        public nint Stride, WeightStride, TargetStride;
        public int Tokens, Dim, Channels;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<S, V>() where S : struct, ISimd<V> where V : struct
        {
            int width = 2 * S.Width;
            float* turned = Scratch.Get(Scratch.Slot.Tile, (nint)width * (Dim + Channels));
            float* product = turned + (nint)width * Dim;
            for (int t = 0; t < Tokens; t += width)
            {
                int count = Math.Min(width, Tokens - t);
                PackedMatrix.PackPanel(turned, X + t * Stride, 1, Stride, Dim, count);
                new PanelProduct(Weights, WeightStride, turned, product, Channels, Dim).Run<S, V>();
                for (int c = 0; c < Channels; c++)
                {
                    float* from = product + (nint)c * width, to = Target + c * TargetStride + t;
                    for (int i = 0; i < count; i++)
                        to[i] = from[i];
                }
            }
        }
    }
}
