using System.Runtime.CompilerServices;

namespace PocketSam.Kernels;

/// <summary>
/// Batch normalisation over the rows of <c>[rows, channels]</c>, with the activation that follows it:
/// y = f(xhat gain + bias), xhat = (x - mean) / sqrt(var + eps), f the identity or GELU.
/// </summary>
internal static unsafe class BatchNormKernel
{
    /// <summary>Mean and biased variance of each channel, in one pass (sums relative to the first row, so that a common offset does not cancel).</summary>
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
    /// First pass of the gradient: dz = dy f'(z), left in <paramref name="dy"/>; dgain += sum dz xhat, dbias += sum dz,
    /// with <paramref name="sums"/> <c>[2, channels]</c> receiving the two sums of this batch.
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

    /// <summary>Second pass: dx = dz a + x b + c, per channel, the rearranged gain/std (dz - mean dz - xhat mean(dz xhat)).</summary>
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
            float* squares = Sums + Channels;
            for (int row = Start; row < End; row++)
            {
                float* x = X + (nint)row * Channels;
                int c = 0;
                for (; c + S.Width <= Channels; c += S.Width)
                {
                    V d = S.Subtract(S.Load(x + c), S.Load(X + c));
                    S.Store(Sums + c, S.Add(S.Load(Sums + c), d));
                    S.Store(squares + c, S.MultiplyAdd(d, d, S.Load(squares + c)));
                }

                for (; c < Channels; c++)
                {
                    float d = x[c] - X[c];
                    Sums[c] += d;
                    squares[c] += d * d;
                }
            }
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
            for (int row = Start; row < End; row++)
            {
                int c = 0;
                for (; c + S.Width <= Channels; c += S.Width)
                    Step<S, V>(row, c);
                for (; c < Channels; c++)
                    Step<SimdScalar, float>(row, c);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void Step<S, V>(int row, int c) where S : struct, ISimd<V> where V : struct
        {
            V x = S.Load(X + (nint)row * Channels + c);
            float* dy = Dy + (nint)row * Channels + c;
            V dz = S.Load(dy);
            if (UseGelu)
            {
                dz = GeluGradient.Apply<S, V>(S.MultiplyAdd(x, S.Load(Scale + c), S.Load(Shift + c)), dz);
                S.Store(dy, dz);
            }

            V hat = S.Multiply(S.Subtract(x, S.Load(Mean + c)), S.Load(Rstd + c));
            S.Store(Sums + c, S.MultiplyAdd(dz, hat, S.Load(Sums + c)));
            S.Store(Sums + Channels + c, S.Add(dz, S.Load(Sums + Channels + c)));
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
