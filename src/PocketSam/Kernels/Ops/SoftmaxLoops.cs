using System.Runtime.CompilerServices;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Kernels.Ops;

/// <summary>Softmax over rows in cache, and its gradient.</summary>
internal static unsafe class SoftmaxLoops
{
    /// <summary>
    /// rows[r, :] = softmax(scale rows[r, :] + bias[r, :]), in place; <paramref name="bias"/> may be null.
    /// </summary>
    public static void Forward(float* rows, int count, int length, float scale, float* bias)
        => Simd.Run(new ForwardRows { X = rows, Bias = bias, Count = count, Length = length, Scale = scale });

    /// <summary>dp[r, :] = p (dp - sum(p dp)), in place: the gradient of the scaled and biased scores.</summary>
    public static void Backward(float* p, float* dp, int count, int length)
        => Simd.Run(new BackwardRows { P = p, Dp = dp, Count = count, Length = length });

    private struct ForwardRows : ISimdKernel
    {
        public float* X, Bias;
        public int Count, Length;
        public float Scale;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<S, V>() where S : struct, ISimd<V> where V : struct
        {
            // The remainder of a row is computed as one more vector, in a buffer.
            float* rest = stackalloc float[16];
            int whole = Length - Length % S.Width, left = Length - whole;
            V scale = S.Set(Scale);
            for (int row = 0; row < Count; row++)
            {
                float* x = X + (nint)row * Length, bias = Bias is null ? null : Bias + (nint)row * Length;
                V largest = S.Set(float.MinValue);
                int i = 0;
                for (; i < whole; i += S.Width)
                {
                    V v = S.Multiply(S.Load(x + i), scale);
                    if (bias is not null)
                        v = S.Add(v, S.Load(bias + i));
                    S.Store(x + i, v);
                    largest = S.Max(largest, v);
                }

                float max = S.MaxLane(largest);
                for (; i < Length; i++)
                {
                    float v = x[i] * Scale + (bias is null ? 0f : bias[i]);
                    rest[i - whole] = v;
                    max = MathF.Max(max, v);
                }

                V m = S.Set(max), sums = default;
                for (i = 0; i < whole; i += S.Width)
                {
                    V e = VectorMath.Exp<S, V>(S.Subtract(S.Load(x + i), m));
                    S.Store(x + i, e);
                    sums = S.Add(sums, e);
                }

                float sum = S.Sum(sums);
                if (left > 0)
                {
                    S.Store(rest, VectorMath.Exp<S, V>(S.Subtract(S.Load(rest), m)));
                    for (i = 0; i < left; i++)
                        sum += rest[i];
                }

                float norm = 1f / sum;
                V n = S.Set(norm);
                for (i = 0; i < whole; i += S.Width)
                    S.Store(x + i, S.Multiply(S.Load(x + i), n));
                for (i = 0; i < left; i++)
                    x[whole + i] = rest[i] * norm;
            }
        }
    }

    private struct BackwardRows : ISimdKernel
    {
        public float* P, Dp;
        public int Count, Length;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<S, V>() where S : struct, ISimd<V> where V : struct
        {
            for (int row = 0; row < Count; row++)
            {
                float* p = P + (nint)row * Length, dp = Dp + (nint)row * Length;
                V dots = default;
                float tail = 0;
                int i = 0;
                for (; i + S.Width <= Length; i += S.Width)
                    dots = S.MultiplyAdd(S.Load(p + i), S.Load(dp + i), dots);
                for (; i < Length; i++)
                    tail += p[i] * dp[i];
                float dot = S.Sum(dots) + tail;
                V d = S.Set(dot);
                for (i = 0; i + S.Width <= Length; i += S.Width)
                    S.Store(dp + i, S.Multiply(S.Load(p + i), S.Subtract(S.Load(dp + i), d)));
                for (; i < Length; i++)
                    dp[i] = p[i] * (dp[i] - dot);
            }
        }
    }
}
