using System.Runtime.CompilerServices;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Kernels.Ops;

/// <summary>
/// A stretch of one output row of a depthwise 3x3 convolution, padding 1. Several outputs are computed together, so
/// that an input vector is loaded once for all taps of a row that use it.
/// </summary>
internal unsafe struct DepthwiseRow
{
    /// <summary>Column 0 of the three input rows, <c>[width, channels]</c> each; null outside the picture.</summary>
    public float* Above, At, Below;

    public int Width, Channels, Stride;

    /// <summary><c>[3, 3, channels]</c></summary>
    public float* Weights;

    /// <summary><c>[channels]</c>, or null.</summary>
    public float* Bias;

    /// <summary><c>[channels]</c> zeros.</summary>
    public float* Zeros;

    public bool UseGelu, Accumulate;

    /// <summary>
    /// Computes output columns <paramref name="start"/> to <paramref name="end"/> (exclusive); <paramref name="y"/> is
    /// the place of column <paramref name="start"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run<S, V>(float* y, int start, int end) where S : struct, ISimd<V> where V : struct
    {
        int whole = Channels - Channels % S.Width;
        for (int x = start; x < end;)
        {
            int count = 1;
            if (x > 0 && Stride == 1 && x + 4 <= end && x + 4 < Width)
            {
                count = 4;
                Four<S, V>(x, y, 0, whole);
                Four<SimdScalar, float>(x, y, whole, Channels);
            }
            else if (x > 0 && Stride == 2 && x + 2 <= end && 2 * x + 3 < Width)
            {
                count = 2;
                Two<S, V>(x, y, 0, whole);
                Two<SimdScalar, float>(x, y, whole, Channels);
            }
            else
            {
                One<S, V>(x, y, 0, whole);
                One<SimdScalar, float>(x, y, whole, Channels);
            }

            x += count;
            y += count * Channels;
        }
    }

    /// <summary>
    /// Column <paramref name="x"/> of a row; zeros outside the picture. The caller steps over a missing row by 0.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly float* Column(float* row, int x)
        => row is null || x < 0 || x >= Width ? Zeros : row + (nint)x * Channels;

    /// <summary>
    /// Channels <paramref name="from"/> to <paramref name="to"/> of
    /// four neighbouring outputs away from the border, stride 1.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Four<S, V>(int x, float* y, int from, int to) where S : struct, ISimd<V> where V : struct
    {
        int channels = Channels;
        float** rows = stackalloc float*[] { Column(Above, x - 1), Column(At, x - 1), Column(Below, x - 1) };
        nint* steps = stackalloc nint[] { Above is null ? 0 : channels, At is null ? 0 : channels, Below is null ? 0 : channels };
        for (int c = from; c < to; c += S.Width)
        {
            V a = Bias is null ? default : S.Load(Bias + c), b = a, d = a, e = a;
            float* taps = Weights + c;
            for (int ky = 0; ky < 3; ky++)
            {
                float* r = rows[ky] + c;
                nint step = steps[ky];
                V w = S.Load(taps), v0 = S.Load(r), v1 = S.Load(r + step), v2 = S.Load(r + 2 * step);
                V v3 = S.Load(r + 3 * step), v4 = S.Load(r + 4 * step), v5 = S.Load(r + 5 * step);
                a = S.MultiplyAdd(v0, w, a);
                b = S.MultiplyAdd(v1, w, b);
                d = S.MultiplyAdd(v2, w, d);
                e = S.MultiplyAdd(v3, w, e);
                w = S.Load(taps + channels);
                a = S.MultiplyAdd(v1, w, a);
                b = S.MultiplyAdd(v2, w, b);
                d = S.MultiplyAdd(v3, w, d);
                e = S.MultiplyAdd(v4, w, e);
                w = S.Load(taps + 2 * channels);
                a = S.MultiplyAdd(v2, w, a);
                b = S.MultiplyAdd(v3, w, b);
                d = S.MultiplyAdd(v4, w, d);
                e = S.MultiplyAdd(v5, w, e);
                taps += 3 * channels;
            }

            Finish<S, V>(y + c, a);
            Finish<S, V>(y + channels + c, b);
            Finish<S, V>(y + 2 * channels + c, d);
            Finish<S, V>(y + 3 * channels + c, e);
        }
    }

    /// <summary>
    /// Channels <paramref name="from"/> to <paramref name="to"/> of
    /// two neighbouring outputs away from the border, stride 2.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Two<S, V>(int x, float* y, int from, int to) where S : struct, ISimd<V> where V : struct
    {
        int channels = Channels, first = 2 * x - 1;
        float** rows = stackalloc float*[] { Column(Above, first), Column(At, first), Column(Below, first) };
        nint* steps = stackalloc nint[] { Above is null ? 0 : channels, At is null ? 0 : channels, Below is null ? 0 : channels };
        for (int c = from; c < to; c += S.Width)
        {
            V a = Bias is null ? default : S.Load(Bias + c), b = a;
            float* taps = Weights + c;
            for (int ky = 0; ky < 3; ky++)
            {
                float* r = rows[ky] + c;
                nint step = steps[ky];
                V w = S.Load(taps), v2 = S.Load(r + 2 * step);
                a = S.MultiplyAdd(S.Load(r), w, a);
                b = S.MultiplyAdd(v2, w, b);
                w = S.Load(taps + channels);
                a = S.MultiplyAdd(S.Load(r + step), w, a);
                b = S.MultiplyAdd(S.Load(r + 3 * step), w, b);
                w = S.Load(taps + 2 * channels);
                a = S.MultiplyAdd(v2, w, a);
                b = S.MultiplyAdd(S.Load(r + 4 * step), w, b);
                taps += 3 * channels;
            }

            Finish<S, V>(y + c, a);
            Finish<S, V>(y + channels + c, b);
        }
    }

    /// <summary>Channels <paramref name="from"/> to <paramref name="to"/> of one output anywhere.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void One<S, V>(int x, float* y, int from, int to) where S : struct, ISimd<V> where V : struct
    {
        for (int c = from; c < to; c += S.Width)
        {
            V sum = Bias is null ? default : S.Load(Bias + c);
            for (int ky = 0; ky < 3; ky++)
            {
                float* row = ky == 0 ? Above : ky == 1 ? At : Below;
                for (int kx = 0; kx < 3; kx++)
                {
                    float* v = Column(row, x * Stride + kx - 1) + c;
                    sum = S.MultiplyAdd(S.Load(v), S.Load(Weights + (ky * 3 + kx) * Channels + c), sum);
                }
            }

            Finish<S, V>(y + c, sum);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Finish<S, V>(float* y, V sum) where S : struct, ISimd<V> where V : struct
    {
        if (UseGelu)
            sum = Gelu.Apply<S, V>(sum);
        S.Store(y, Accumulate ? S.Add(S.Load(y), sum) : sum);
    }
}
