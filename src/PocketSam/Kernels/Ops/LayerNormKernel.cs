using System.Runtime.CompilerServices;
using PocketSam.Kernels.Products;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Kernels.Ops;

/// <summary>
/// y = (x - mean) / sqrt(var + eps) * gain + bias over the channels of each row; var is the biased variance.
/// </summary>
internal static unsafe class LayerNormKernel
{
    private const int GrainElements = 16_384;

    /// <summary>
    /// Normalises <c>[rows, channels]</c>. <paramref name="statistics"/> (may be null) receives mean and 1 / standard
    /// deviation of each row, <c>[rows, 2]</c>.
    /// </summary>
    public static void Forward(
        float* x, float* gain, float* bias, float* y, float* statistics, int rows, int channels, float epsilon)
        => Workers.ForRange(rows, Math.Max(1, GrainElements / channels), (start, end) => Simd.Run(new ForwardRows
        {
            X = x, Gain = gain, Bias = bias, Y = y, Statistics = statistics,
            Start = start, End = end, Channels = channels, Epsilon = epsilon,
        }));

    /// <summary>Normalises on the calling thread; <paramref name="y"/> may be <paramref name="x"/>.</summary>
    public static void ForwardHere(float* x, float* gain, float* bias, float* y, int rows, int channels, float epsilon)
        => Simd.Run(new ForwardRows
        {
            X = x, Gain = gain, Bias = bias, Y = y, End = rows, Channels = channels, Epsilon = epsilon,
        });

    /// <summary>
    /// With xhat = (x - mean) / std and g = dy gain: dx = (g - mean(g) - xhat mean(g xhat)) / std;
    /// dgain += sum dy xhat; dbias += sum dy. <paramref name="dx"/> may be null.
    /// </summary>
    public static void Backward(
        float* x, float* gain, float* statistics, float* dy, float* dx, bool accumulate, float* dgain, float* dbias,
        int rows, int channels)
    {
        float[] total = new float[2 * channels];
        ColumnSums.Reduce(rows, ColumnSums.Parts(rows, channels), 2 * channels, total, (start, end, sums) =>
            Simd.Run(new BackwardRows
            {
                X = x, Gain = gain, Statistics = statistics, Dy = dy, Dx = dx, Accumulate = accumulate, Sums = sums,
                Start = start, End = end, Channels = channels,
            }));
        for (int c = 0; c < channels; c++)
        {
            dgain[c] += total[c];
            dbias[c] += total[channels + c];
        }
    }

    private struct ForwardRows : ISimdKernel
    {
        public float* X, Gain, Bias, Y, Statistics;
        public int Start, End, Channels;
        public float Epsilon;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<S, V>() where S : struct, ISimd<V> where V : struct
        {
            for (int row = Start; row < End; row++)
            {
                float* x = X + (nint)row * Channels, y = Y + (nint)row * Channels;
                V sums = default;
                float tail = 0;
                int c = 0;
                for (; c + S.Width <= Channels; c += S.Width)
                    sums = S.Add(sums, S.Load(x + c));
                for (; c < Channels; c++)
                    tail += x[c];
                float mean = (S.Sum(sums) + tail) / Channels;

                V m = S.Set(mean), squares = default;
                tail = 0;
                for (c = 0; c + S.Width <= Channels; c += S.Width)
                {
                    V d = S.Subtract(S.Load(x + c), m);
                    squares = S.MultiplyAdd(d, d, squares);
                }

                for (; c < Channels; c++)
                    tail += (x[c] - mean) * (x[c] - mean);
                float scale = 1f / MathF.Sqrt((S.Sum(squares) + tail) / Channels + Epsilon);

                V s = S.Set(scale);
                for (c = 0; c + S.Width <= Channels; c += S.Width)
                {
                    V hat = S.Multiply(S.Subtract(S.Load(x + c), m), s);
                    S.Store(y + c, S.MultiplyAdd(hat, S.Load(Gain + c), S.Load(Bias + c)));
                }

                for (; c < Channels; c++)
                    y[c] = (x[c] - mean) * scale * Gain[c] + Bias[c];
                if (Statistics is not null)
                {
                    Statistics[2 * row] = mean;
                    Statistics[2 * row + 1] = scale;
                }
            }
        }
    }

    private struct BackwardRows : ISimdKernel
    {
        public float* X, Gain, Statistics, Dy, Dx, Sums;
        public bool Accumulate;
        public int Start, End, Channels;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<S, V>() where S : struct, ISimd<V> where V : struct
        {
            float* gainSums = Sums, biasSums = Sums + Channels;
            for (int row = Start; row < End; row++)
            {
                float* x = X + (nint)row * Channels, dy = Dy + (nint)row * Channels;
                float mean = Statistics[2 * row], scale = Statistics[2 * row + 1];
                V m = S.Set(mean), s = S.Set(scale), sumG = default, sumGHat = default;
                float tailG = 0, tailGHat = 0;
                int c = 0;
                for (; c + S.Width <= Channels; c += S.Width)
                {
                    V d = S.Load(dy + c), hat = S.Multiply(S.Subtract(S.Load(x + c), m), s);
                    V g = S.Multiply(d, S.Load(Gain + c));
                    sumG = S.Add(sumG, g);
                    sumGHat = S.MultiplyAdd(g, hat, sumGHat);
                    S.Store(gainSums + c, S.MultiplyAdd(d, hat, S.Load(gainSums + c)));
                    S.Store(biasSums + c, S.Add(d, S.Load(biasSums + c)));
                }

                for (; c < Channels; c++)
                {
                    float hat = (x[c] - mean) * scale, g = dy[c] * Gain[c];
                    tailG += g;
                    tailGHat += g * hat;
                    gainSums[c] += dy[c] * hat;
                    biasSums[c] += dy[c];
                }

                if (Dx is null)
                    continue;
                float* dx = Dx + (nint)row * Channels;
                float meanG = (S.Sum(sumG) + tailG) / Channels, meanGHat = (S.Sum(sumGHat) + tailGHat) / Channels;
                V mg = S.Set(meanG), mgh = S.Set(-meanGHat);
                for (c = 0; c + S.Width <= Channels; c += S.Width)
                {
                    V hat = S.Multiply(S.Subtract(S.Load(x + c), m), s);
                    V g = S.Multiply(S.Load(dy + c), S.Load(Gain + c));
                    V d = S.Multiply(S.MultiplyAdd(hat, mgh, S.Subtract(g, mg)), s);
                    S.Store(dx + c, Accumulate ? S.Add(d, S.Load(dx + c)) : d);
                }

                for (; c < Channels; c++)
                {
                    float hat = (x[c] - mean) * scale;
                    float d = (dy[c] * Gain[c] - meanG - hat * meanGHat) * scale;
                    dx[c] = Accumulate ? dx[c] + d : d;
                }
            }
        }
    }
}
