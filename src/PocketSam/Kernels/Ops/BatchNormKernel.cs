using System.Runtime.CompilerServices;
using PocketSam.Kernels.Products;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Kernels.Ops;

/// <summary>
/// y = f(xhat gain + bias), xhat = (x - mean) / sqrt(var + eps), f the identity or GELU, over the rows of
/// <c>[rows, channels]</c>: batch normalisation with the activation that follows it (Ioffe and Szegedy,
/// arXiv:1502.03167).
/// </summary>
internal static unsafe class BatchNormKernel
{
    /// <summary>
    /// Mean and biased variance of each channel, in one pass. Sums are relative to the first row, which avoids the
    /// cancellation of a common offset.
    /// </summary>
    public static void Statistics(float* x, int rows, int channels, float[] mean, float[] variance)
    {
        float[] total = new float[2 * channels];
        ColumnSums.Reduce(rows, ColumnSums.Parts(rows, channels), 2 * channels, total, (start, end, sums) =>
            Simd.Run(new SumRowsKernel { X = x, Sums = sums, Start = start, End = end, Channels = channels }));
        for (int c = 0; c < channels; c++)
        {
            double m = total[c] / (double)rows;
            mean[c] = (float)(x[c] + m);
            variance[c] = (float)Math.Max(0, total[channels + c] / (double)rows - m * m);
        }
    }

    /// <summary>y = f(x scale + shift), per channel.</summary>
    public static void Apply(float* x, float* scale, float* shift, float* y, int rows, int channels, bool gelu)
        => Workers.ForRange(rows, Math.Max(1, 16_384 / channels), (start, end) => Simd.Run(new ApplyRows
        {
            X = x, Scale = scale, Shift = shift, Y = y, Start = start, End = end, Channels = channels, UseGelu = gelu,
        }));

    /// <summary>
    /// First pass of the gradient: dz = dy f'(z), written over <paramref name="dy"/>, and the sums over this batch
    /// <c>[2, channels]</c>: sum dz xhat (the gradient of the gain), then sum dz (that of the bias).
    /// </summary>
    public static void BackwardSums(
        float* x, float* scale, float* shift, float[] mean, float[] rstd, float* dy, float[] sums, int rows, int channels,
        bool gelu)
        => ColumnSums.Reduce(rows, ColumnSums.Parts(rows, channels), 2 * channels, sums, (start, end, partial) =>
        {
            fixed (float* m = mean, r = rstd)
            {
                Simd.Run(new BackwardSumRows
                {
                    X = x, Scale = scale, Shift = shift, Mean = m, Rstd = r, Dy = dy, Sums = partial,
                    Start = start, End = end, Channels = channels, UseGelu = gelu,
                });
            }
        });

    /// <summary>
    /// Second pass: dx = dz a + x b + c per channel, a rearrangement
    /// of gain / std * (dz - mean(dz) - xhat mean(dz xhat)).
    /// </summary>
    public static void BackwardInput(
        float* x, float* dz, float* a, float* b, float* c, float* dx, bool accumulate, int rows, int channels)
        => Workers.ForRange(rows, Math.Max(1, 16_384 / channels), (start, end) => Simd.Run(new BackwardInputRows
        {
            X = x, Dz = dz, A = a, B = b, C = c, Dx = dx, Accumulate = accumulate,
            Start = start, End = end, Channels = channels,
        }));

    private struct SumRowsKernel : ISimdKernel
    {
        public float* X, Sums;
        public int Start, End, Channels;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<S, V>() where S : struct, ISimd<V> where V : struct
        {
            int row = Start;
            for (; row + ColumnSums.RowsAtOnce <= End; row += ColumnSums.RowsAtOnce)
                Rows<S, V>(row, ColumnSums.RowsAtOnce);
            for (; row < End; row++)
                Rows<S, V>(row, 1);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void Rows<S, V>(int row, int count) where S : struct, ISimd<V> where V : struct
        {
            int c = 0;
            for (; c + S.Width <= Channels; c += S.Width)
                Step<S, V>(row, c, count);
            for (; c < Channels; c++)
                Step<SimdScalar, float>(row, c, count);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void Step<S, V>(int row, int c, int count) where S : struct, ISimd<V> where V : struct
        {
            float* x = X + (nint)row * Channels + c, sum = Sums + c, square = sum + Channels;
            V origin = S.Load(X + c), s = S.Load(sum), q = S.Load(square);
            for (int r = 0; r < count; r++, x += Channels)
            {
                V d = S.Subtract(S.Load(x), origin);
                s = S.Add(s, d);
                q = S.MultiplyAdd(d, d, q);
            }

            S.Store(sum, s);
            S.Store(square, q);
        }
    }

    private struct ApplyRows : ISimdKernel
    {
        public float* X, Scale, Shift, Y;
        public int Start, End, Channels;
        public bool UseGelu;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<S, V>() where S : struct, ISimd<V> where V : struct
        {
            for (int row = Start; row < End; row++)
            {
                float* x = X + (nint)row * Channels, y = Y + (nint)row * Channels;
                int c = 0;
                for (; c + S.Width <= Channels; c += S.Width)
                {
                    V z = S.MultiplyAdd(S.Load(x + c), S.Load(Scale + c), S.Load(Shift + c));
                    S.Store(y + c, UseGelu ? Gelu.Apply<S, V>(z) : z);
                }

                for (; c < Channels; c++)
                {
                    float z = float.MultiplyAddEstimate(x[c], Scale[c], Shift[c]);
                    y[c] = UseGelu ? Gelu.Apply<SimdScalar, float>(z) : z;
                }
            }
        }
    }

    private struct BackwardSumRows : ISimdKernel
    {
        public float* X, Scale, Shift, Mean, Rstd, Dy, Sums;
        public int Start, End, Channels;
        public bool UseGelu;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<S, V>() where S : struct, ISimd<V> where V : struct
        {
            int row = Start;
            for (; row + ColumnSums.RowsAtOnce <= End; row += ColumnSums.RowsAtOnce)
                Rows<S, V>(row, ColumnSums.RowsAtOnce);
            for (; row < End; row++)
                Rows<S, V>(row, 1);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void Rows<S, V>(int row, int count) where S : struct, ISimd<V> where V : struct
        {
            int c = 0;
            for (; c + S.Width <= Channels; c += S.Width)
                Step<S, V>(row, c, count);
            for (; c < Channels; c++)
                Step<SimdScalar, float>(row, c, count);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void Step<S, V>(int row, int c, int count) where S : struct, ISimd<V> where V : struct
        {
            nint first = (nint)row * Channels + c;
            float* at = X + first, dy = Dy + first, sum = Sums + c;
            V scale = S.Load(Scale + c), shift = S.Load(Shift + c), mean = S.Load(Mean + c), rstd = S.Load(Rstd + c);
            V hats = S.Load(sum), total = S.Load(sum + Channels);
            for (int r = 0; r < count; r++, at += Channels, dy += Channels)
            {
                V x = S.Load(at), dz = S.Load(dy);
                if (UseGelu)
                {
                    dz = GeluGradient.Apply<S, V>(S.MultiplyAdd(x, scale, shift), dz);
                    S.Store(dy, dz);
                }

                hats = S.MultiplyAdd(dz, S.Multiply(S.Subtract(x, mean), rstd), hats);
                total = S.Add(total, dz);
            }

            S.Store(sum, hats);
            S.Store(sum + Channels, total);
        }
    }

    private struct BackwardInputRows : ISimdKernel
    {
        public float* X, Dz, A, B, C, Dx;
        public bool Accumulate;
        public int Start, End, Channels;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<S, V>() where S : struct, ISimd<V> where V : struct
        {
            for (int row = Start; row < End; row++)
            {
                int c = 0;
                for (; c + S.Width <= Channels; c += S.Width)
                    Step<S, V>((nint)row * Channels + c, c);
                for (; c < Channels; c++)
                    Step<SimdScalar, float>((nint)row * Channels + c, c);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void Step<S, V>(nint i, int c) where S : struct, ISimd<V> where V : struct
        {
            V d = S.MultiplyAdd(S.Load(X + i), S.Load(B + c), S.Load(C + c));
            d = S.MultiplyAdd(S.Load(Dz + i), S.Load(A + c), d);
            S.Store(Dx + i, Accumulate ? S.Add(d, S.Load(Dx + i)) : d);
        }
    }
}
