using System.Runtime.CompilerServices;
using PocketSam.Kernels.Products;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Kernels.Ops;

/// <summary>
/// A depthwise 3x3 convolution (each channel on its own), padding 1, stride 1 or 2, on
/// <c>[batch, height, width, channels]</c>. Weights are <c>[3, 3, channels]</c>. With stride s the output is
/// ceil(height / s) by ceil(width / s).
/// </summary>
internal unsafe struct DepthwiseKernel
{
    public int Batch, Height, Width, Channels, Stride;
    public float* X, Weights;

    public readonly int OutHeight => (Height + Stride - 1) / Stride;

    public readonly int OutWidth => (Width + Stride - 1) / Stride;

    /// <summary>y = x * w + bias, then GELU if <paramref name="gelu"/>; <paramref name="bias"/> may be null.</summary>
    public readonly void Forward(float* y, float* bias = null, bool gelu = false, bool accumulate = false)
    {
        DepthwiseKernel k = this;
        int rows = Batch * OutHeight;
        Workers.ForRange(rows, Math.Max(1, 16_384 / (OutWidth * Channels)), (start, end) => Simd.Run(new ForwardRows
        {
            Shape = k, Y = y, Bias = bias, UseGelu = gelu, Accumulate = accumulate, Start = start, End = end,
        }));
    }

    /// <summary>
    /// Computes the gradients from <paramref name="dy"/>: that of the input is overwritten or added to, that of the
    /// weights is added to. Either may be null.
    /// </summary>
    public readonly void Backward(float* dy, float* dx, bool accumulate, float* dw)
    {
        if (Stride == 1)
            BackwardTogether(dy, dx, accumulate, dw);
        else
            BackwardStrided(dy, dx, accumulate, dw);
    }

    /// <summary>Both gradients in one pass over the input rows.</summary>
    private readonly void BackwardTogether(float* dy, float* dx, bool accumulate, float* dw)
    {
        DepthwiseKernel k = this;
        int rows = Batch * Height;
        float[] total = new float[9 * Channels];
        ColumnSums.Reduce(rows, ColumnSums.Parts(rows, Width * Channels), 9 * Channels, total, (start, end, sums) =>
            Simd.Run(new DepthwiseGradientRows
            {
                Shape = k, Dy = dy, Dx = dx, Accumulate = accumulate, Sums = sums, Start = start, End = end,
            }));
        for (int i = 0; i < total.Length && dw is not null; i++)
            dw[i] += total[i];
    }

    private readonly void BackwardStrided(float* dy, float* dx, bool accumulate, float* dw)
    {
        DepthwiseKernel k = this;
        if (dx is not null)
        {
            Workers.ForRange(Batch * Height, Math.Max(1, 16_384 / (Width * Channels)), (start, end) =>
                Simd.Run(new SpreadRows { Shape = k, Dy = dy, Dx = dx, Accumulate = accumulate, Start = start, End = end }));
        }

        if (dw is null)
            return;
        int rows = Batch * OutHeight;
        float[] total = new float[9 * Channels];
        ColumnSums.Reduce(rows, ColumnSums.Parts(rows, OutWidth * Channels), 9 * Channels, total, (start, end, sums) =>
            Simd.Run(new WeightRows { Shape = k, Dy = dy, Sums = sums, Start = start, End = end }));
        for (int i = 0; i < total.Length; i++)
            dw[i] += total[i];
    }

    /// <summary>
    /// The input row under tap row <paramref name="ky"/> of an output
    /// row (counted over the batch), or null outside the picture.
    /// </summary>
    private readonly float* InputRow(int outputRow, int ky)
    {
        int b = outputRow / OutHeight, y = outputRow % OutHeight * Stride + ky - 1;
        return y < 0 || y >= Height ? null : X + ((nint)b * Height + y) * Width * Channels;
    }

    private struct ForwardRows : ISimdKernel
    {
        public DepthwiseKernel Shape;
        public float* Y, Bias;
        public bool UseGelu, Accumulate;
        public int Start, End;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<S, V>() where S : struct, ISimd<V> where V : struct
        {
            float* zeros = Scratch.Zeros(Shape.Channels);
            for (int row = Start; row < End; row++)
            {
                new DepthwiseRow
                {
                    Above = Shape.InputRow(row, 0), At = Shape.InputRow(row, 1), Below = Shape.InputRow(row, 2),
                    Width = Shape.Width, Channels = Shape.Channels, Stride = Shape.Stride,
                    Weights = Shape.Weights, Bias = Bias, Zeros = zeros, UseGelu = UseGelu, Accumulate = Accumulate,
                }.Run<S, V>(Y + (nint)row * Shape.OutWidth * Shape.Channels, 0, Shape.OutWidth);
            }
        }
    }

    /// <summary>Gradient of the input for stride 2: an input pixel is read by one, two or four outputs.</summary>
    private struct SpreadRows : ISimdKernel
    {
        public DepthwiseKernel Shape;
        public float* Dy, Dx;
        public bool Accumulate;
        public int Start, End;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<S, V>() where S : struct, ISimd<V> where V : struct
        {
            int channels = Shape.Channels, width = Shape.Width, outWidth = Shape.OutWidth, outHeight = Shape.OutHeight;
            for (int row = Start; row < End; row++)
            {
                int b = row / Shape.Height, y = row % Shape.Height;
                for (int x = 0; x < width; x++)
                {
                    float* dx = Dx + ((nint)row * width + x) * channels;
                    if (!Accumulate)
                        new Span<float>(dx, channels).Clear();
                    for (int ky = 0; ky < 3; ky++)
                    {
                        int oy = y + 1 - ky;
                        if (oy < 0 || (oy & 1) != 0 || oy / 2 >= outHeight)
                            continue;
                        for (int kx = 0; kx < 3; kx++)
                        {
                            int ox = x + 1 - kx;
                            if (ox < 0 || (ox & 1) != 0 || ox / 2 >= outWidth)
                                continue;
                            float* dy = Dy + (((nint)b * outHeight + oy / 2) * outWidth + ox / 2) * channels;
                            float* w = Shape.Weights + (ky * 3 + kx) * channels;
                            int c = 0;
                            for (; c + S.Width <= channels; c += S.Width)
                                S.Store(dx + c, S.MultiplyAdd(S.Load(dy + c), S.Load(w + c), S.Load(dx + c)));
                            for (; c < channels; c++)
                                dx[c] = float.MultiplyAddEstimate(dy[c], w[c], dx[c]);
                        }
                    }
                }
            }
        }
    }

    private struct WeightRows : ISimdKernel
    {
        public DepthwiseKernel Shape;
        public float* Dy, Sums;
        public int Start, End;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<S, V>() where S : struct, ISimd<V> where V : struct
        {
            int channels = Shape.Channels;
            for (int row = Start; row < End; row++)
            {
                float* dy = Dy + (nint)row * Shape.OutWidth * channels;
                for (int ky = 0; ky < 3; ky++)
                {
                    float* x = Shape.InputRow(row, ky);
                    if (x is null)
                        continue;
                    int c = 0;
                    for (; c + S.Width <= channels; c += S.Width)
                        Row<S, V>(x + c, dy + c, Sums + ky * 3 * channels + c);
                    for (; c < channels; c++)
                        Row<SimdScalar, float>(x + c, dy + c, Sums + ky * 3 * channels + c);
                }
            }
        }

        /// <summary>The three taps of a tap row, for one vector of channels along one row.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Row<S, V>(float* x, float* dy, float* sums) where S : struct, ISimd<V> where V : struct
        {
            int channels = Shape.Channels, stride = Shape.Stride, width = Shape.Width;
            V left = default, middle = default, right = default;
            for (int column = 0; column < width; column += stride)
            {
                V d = S.Load(dy);
                float* at = x + (nint)column * channels;
                if (column > 0)
                    left = S.MultiplyAdd(d, S.Load(at - channels), left);
                middle = S.MultiplyAdd(d, S.Load(at), middle);
                if (column + 1 < width)
                    right = S.MultiplyAdd(d, S.Load(at + channels), right);
                dy += channels;
            }

            S.Store(sums, S.Add(S.Load(sums), left));
            S.Store(sums + channels, S.Add(S.Load(sums + channels), middle));
            S.Store(sums + 2 * channels, S.Add(S.Load(sums + 2 * channels), right));
        }
    }
}
