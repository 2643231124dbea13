using System.Runtime.CompilerServices;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Kernels.Ops;

/// <summary>
/// Both gradients of a depthwise 3x3 convolution of stride 1, for a range of input
/// rows. Each pixel is visited once with the nine outputs around it: their gradients
/// times the weights give that of the pixel, times the pixel those of the weights.
/// </summary>
internal unsafe struct DepthwiseGradientRows : ISimdKernel
{
    /// <summary>Pixels for which the weights and sums of one vector of channels stay in registers.</summary>
    private const int Stretch = 16;

    public DepthwiseKernel Shape;

    /// <summary><c>[Batch, Height, Width, Channels]</c></summary>
    public float* Dy;

    /// <summary><c>[Batch, Height, Width, Channels]</c>, or null.</summary>
    public float* Dx;

    public bool Accumulate;

    /// <summary>The gradient of the weights <c>[3, 3, Channels]</c> is added here.</summary>
    public float* Sums;

    /// <summary>Range of rows, counted over all pictures of the batch.</summary>
    public int Start, End;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run<S, V>() where S : struct, ISimd<V> where V : struct
    {
        int channels = Shape.Channels, whole = channels - channels % S.Width, width = Shape.Width;
        float* zeros = Scratch.Zeros(channels);
        float** rows = stackalloc float*[3];
        nint* steps = stackalloc nint[3];
        for (int row = Start; row < End; row++)
        {
            int y = row % Shape.Height;
            for (int ky = 0; ky < 3; ky++)
            {
                // Tap row 0 of the row below reads this row.
                int at = y + 1 - ky;
                bool inside = at >= 0 && at < Shape.Height;
                rows[ky] = inside ? Dy + (nint)(row + 1 - ky) * width * channels : zeros;
                steps[ky] = inside ? channels : 0;
            }

            for (int x = 0; x < width; x += Stretch)
            {
                int end = Math.Min(x + Stretch, width);
                for (int c = 0; c < whole; c += S.Width)
                    Pixels<S, V>(rows, steps, row, x, end, c);
                for (int c = whole; c < channels; c++)
                    Pixels<SimdScalar, float>(rows, steps, row, x, end, c);
            }
        }
    }

    /// <summary>
    /// One vector of channels for pixels <paramref name="start"/> to <paramref name="end"/> (exclusive) of a row.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Pixels<S, V>(float** rows, nint* steps, int row, int start, int end, int c)
        where S : struct, ISimd<V> where V : struct
    {
        int channels = Shape.Channels, width = Shape.Width;
        nint below = steps[0], at = steps[1], above = steps[2];
        float* d0 = rows[0] + start * below + c, d1 = rows[1] + start * at + c, d2 = rows[2] + start * above + c;
        float* w = Shape.Weights + c, sums = Sums + c;
        nint offset = ((nint)row * width + start) * channels + c;
        float* x = Shape.X + offset, dx = Dx is null ? null : Dx + offset;

        // The outputs left of a pixel, at it and right of it, in the rows below, at and above it.
        V left0 = default, left1 = default, left2 = default, right0, right1, right2;
        if (start > 0)
        {
            left0 = S.Load(d0 - below);
            left1 = S.Load(d1 - at);
            left2 = S.Load(d2 - above);
        }

        V middle0 = S.Load(d0), middle1 = S.Load(d1), middle2 = S.Load(d2);
        V w0 = S.Load(w), w1 = S.Load(w + channels), w2 = S.Load(w + 2 * channels);
        V w3 = S.Load(w + 3 * channels), w4 = S.Load(w + 4 * channels), w5 = S.Load(w + 5 * channels);
        V w6 = S.Load(w + 6 * channels), w7 = S.Load(w + 7 * channels), w8 = S.Load(w + 8 * channels);
        V s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default, s8 = default;
        for (int column = start; column < end; column++)
        {
            d0 += below;
            d1 += at;
            d2 += above;
            right0 = right1 = right2 = default;
            if (column + 1 < width)
            {
                right0 = S.Load(d0);
                right1 = S.Load(d1);
                right2 = S.Load(d2);
            }

            V v = S.Load(x);
            s0 = S.MultiplyAdd(right0, v, s0);
            s1 = S.MultiplyAdd(middle0, v, s1);
            s2 = S.MultiplyAdd(left0, v, s2);
            s3 = S.MultiplyAdd(right1, v, s3);
            s4 = S.MultiplyAdd(middle1, v, s4);
            s5 = S.MultiplyAdd(left1, v, s5);
            s6 = S.MultiplyAdd(right2, v, s6);
            s7 = S.MultiplyAdd(middle2, v, s7);
            s8 = S.MultiplyAdd(left2, v, s8);
            if (dx is not null)
            {
                V a = S.MultiplyAdd(right0, w0, S.MultiplyAdd(middle0, w1, S.Multiply(left0, w2)));
                V b = S.MultiplyAdd(right1, w3, S.MultiplyAdd(middle1, w4, S.Multiply(left1, w5)));
                V e = S.MultiplyAdd(right2, w6, S.MultiplyAdd(middle2, w7, S.Multiply(left2, w8)));
                V sum = S.Add(S.Add(a, b), e);
                S.Store(dx, Accumulate ? S.Add(S.Load(dx), sum) : sum);
                dx += channels;
            }

            left0 = middle0;
            left1 = middle1;
            left2 = middle2;
            middle0 = right0;
            middle1 = right1;
            middle2 = right2;
            x += channels;
        }

        S.Store(sums, S.Add(S.Load(sums), s0));
        S.Store(sums + channels, S.Add(S.Load(sums + channels), s1));
        S.Store(sums + 2 * channels, S.Add(S.Load(sums + 2 * channels), s2));
        S.Store(sums + 3 * channels, S.Add(S.Load(sums + 3 * channels), s3));
        S.Store(sums + 4 * channels, S.Add(S.Load(sums + 4 * channels), s4));
        S.Store(sums + 5 * channels, S.Add(S.Load(sums + 5 * channels), s5));
        S.Store(sums + 6 * channels, S.Add(S.Load(sums + 6 * channels), s6));
        S.Store(sums + 7 * channels, S.Add(S.Load(sums + 7 * channels), s7));
        S.Store(sums + 8 * channels, S.Add(S.Load(sums + 8 * channels), s8));
    }
}
