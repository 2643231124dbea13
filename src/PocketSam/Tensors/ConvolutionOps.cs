using System.Runtime.CompilerServices;
using PocketSam.Kernels;
using PocketSam.Kernels.Ops;
using PocketSam.Kernels.Products;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Tensors;

/// <summary>Convolutions on <c>[batch, height, width, channels]</c>.</summary>
internal static unsafe class ConvolutionOps
{
    /// <summary>
    /// Convolution of <c>[B, H, W, in]</c> with weights <c>[out, kernel, kernel, in]</c>. No
    /// <paramref name="activation"/> of a convolution that is larger than 1x1 or strided has a gradient; otherwise it
    /// is that of <see cref="MatrixOps.Linear"/>.
    /// </summary>
    /// <exception cref="ArgumentException">The channels of <paramref name="x"/> and the weights differ.</exception>
    public static Tensor Conv2d(
        this Tensor x, Weight weight, Weight? bias, int stride, int padding, Activation activation = Activation.None)
    {
        int kernel = weight.Shape[1];
        if (x.Channels != weight.Shape[^1])
            throw new ArgumentException($"a convolution of {weight.Shape[^1]} channels was given {x}");
        if (kernel == 1 && stride == 1)
            return x.Linear(weight, bias, activation: activation);
        var patches = new Im2ColKernel
        {
            Batch = x.Shape[0],
            Height = x.Shape[1],
            Width = x.Shape[2],
            Channels = x.Channels,
            Kernel = kernel,
            Stride = stride,
            Padding = padding,
        };
        return Tape.Run(
            new Conv2dOp(x, weight, bias, patches, activation),
            [x.Shape[0], patches.OutHeight, patches.OutWidth, weight.Shape[0]], x, weight, bias);
    }

    /// <summary>
    /// Depthwise 3x3 convolution, padding 1, of <c>[B, H, W, channels]</c>; weights <c>[3, 3, channels]</c>.
    /// </summary>
    public static Tensor DepthwiseConv2d(this Tensor x, Weight weight, int stride, Weight? bias = null, bool gelu = false)
    {
        var kernel = new DepthwiseKernel
        {
            Batch = x.Shape[0],
            Height = x.Shape[1],
            Width = x.Shape[2],
            Channels = x.Channels,
            Stride = stride,
            X = x.Data,
            Weights = weight.Value.Data,
        };
        return Tape.Run(
            new DepthwiseConv2dOp(x, weight.Value, bias, kernel, gelu),
            [x.Shape[0], kernel.OutHeight, kernel.OutWidth, x.Channels], x, weight, bias);
    }

    /// <summary>
    /// Transposed convolution, kernel 2, stride 2: <c>[B, H, W, in]</c> to <c>[B, 2 H, 2 W, out]</c>. Weights
    /// <c>[4 * out, in]</c>, the first dimension ordered (row, column, channel) of the 2x2 result.
    /// </summary>
    public static Tensor ConvTranspose2x2(this Tensor x, Weight weight, Weight bias)
    {
        // The product is [pixel, 2, 2, out].
        Tensor product = x.Linear(weight, null);
        return Tape.Run(
            new DepthToSpaceOp(product, bias.Value, x.Shape[0] * x.Shape[1], x.Shape[2]),
            [x.Shape[0], 2 * x.Shape[1], 2 * x.Shape[2], weight.Shape[0] / 4], product, bias);
    }

    /// <summary>
    /// Y = f(P W^T + b), P the patches; dW = dY^T P, db = sum of dY, dP = dY W, dx = sum of dP over the patches
    /// </summary>
    private sealed class Conv2dOp(Tensor x, Weight weight, Weight? bias, Im2ColKernel patches, Activation activation) : Op
    {
        private readonly int _outChannels = weight.Shape[0], _rows = patches.Rows, _columns = patches.Columns;

        public override string Name => "Conv2d";

        public override IReadOnlyDictionary<string, object> Attributes => new Dictionary<string, object>
        {
            ["kernel"] = patches.Kernel,
            ["stride"] = patches.Stride,
            ["padding"] = patches.Padding,
            ["activation"] = activation.ToString(),
        };

        public override long MultiplyAdds => (long)_rows * _columns * _outChannels;

        public override string? NoGradient
            => activation != Activation.None ? "an activation inside a convolution has no gradient" : null;

        public override void Forward(Tensor y) => new ConvolutionKernel
        {
            Patches = patches,
            X = x.Data,
            Weights = weight.Transposed(_outChannels, _columns),
            Bias = bias is null ? null : bias.Value.Data,
            Activation = activation,
            Y = y.Data,
        }.Run();

        public override void Backward(Tensor y)
        {
            float* dy = y.Buffer.Gradient!.Data;
            float* copied = Tape.Temporary((nint)_rows * _columns);
            patches.Gather(x.Data, copied);
            bool accumulate = false;
            float* dw = weight.WantsGradient ? Tape.GradientOf(weight.Value, out accumulate) : null;
            float* db = bias is { WantsGradient: true } ? Tape.GradientToAddTo(bias.Value) : null;
            if (dw is not null)
            {
                new TransposedProduct(dy, _outChannels, copied, _columns, dw, _columns, _outChannels, _columns, _rows)
                {
                    Accumulate = accumulate,
                    Sums = db,
                }.Run();
            }
            else if (db is not null)
            {
                ColumnSums.Add(dy, _rows, _outChannels, db);
            }

            if (!x.WantsGradient)
                return;
            new Gemm(dy, _outChannels, weight.Plain(_outChannels, _columns), copied, _columns, _rows).Run();
            float* dx = Tape.GradientOf(x, out accumulate);
            patches.Spread(copied, dx, accumulate);
        }
    }

    /// <summary>y[p, c] = f(sum over taps t of x[p + t, c] w[t, c] + b[c]); db = sum of dy over the pixels</summary>
    private sealed class DepthwiseConv2dOp(Tensor x, Tensor weight, Weight? bias, DepthwiseKernel kernel, bool gelu) : Op
    {
        public override string Name => "DepthwiseConv2d";

        public override IReadOnlyDictionary<string, object> Attributes
            => new Dictionary<string, object> { ["stride"] = kernel.Stride, ["gelu"] = gelu };

        public override long MultiplyAdds => 9L * kernel.Batch * kernel.OutHeight * kernel.OutWidth * kernel.Channels;

        public override string? NoGradient => gelu ? "GELU inside a depthwise convolution has no gradient" : null;

        public override void Forward(Tensor y) => kernel.Forward(y.Data, bias is null ? null : bias.Value.Data, gelu);

        public override void Backward(Tensor y)
        {
            float* dy = y.Buffer.Gradient!.Data;
            float* dw = weight.WantsGradient ? Tape.GradientToAddTo(weight) : null;
            if (bias is { WantsGradient: true })
                ColumnSums.Add(dy, y.Rows, y.Channels, Tape.GradientToAddTo(bias.Value));
            float* dx = Tape.GradientOf(x, out bool accumulate);
            kernel.Backward(dy, dx, accumulate, dw);
        }
    }

    /// <summary>
    /// Each row <c>[2, 2, C]</c> of x becomes a square of pixels, to which the bias is added; dx is the reverse.
    /// </summary>
    private sealed class DepthToSpaceOp(Tensor x, Tensor bias, int lines, int width) : Op
    {
        private readonly int _channels = (int)bias.Count;

        public override string Name => "DepthToSpace";

        public override void Forward(Tensor y)
        {
            Shuffle(x.Data, y.Data, back: false);
            float* shift = bias.Data;
            Workers.ForRange(y.Rows, 4096, (start, end) =>
            {
                for (int row = start; row < end; row++)
                    Simd.Run(new AddScaled { X = shift, Target = y.Data + (nint)row * _channels, Count = _channels, Scale = 1f });
            });
        }

        public override void Backward(Tensor y)
        {
            float* dy = y.Buffer.Gradient!.Data;
            if (bias.WantsGradient)
                ColumnSums.Add(dy, y.Rows, _channels, Tape.GradientToAddTo(bias));
            float* dx = Tape.GradientOf(x, out _);
            if (dx is not null)
                Shuffle(dx, dy, back: true);
        }

        /// <summary>Copies between rows and picture: a row of x is two runs of 2 C values of the picture.</summary>
        private void Shuffle(float* rows, float* picture, bool back)
        {
            uint run = (uint)(2 * _channels * sizeof(float));
            Workers.ForRange(lines, Math.Max(1, 16_384 / (4 * width * _channels)), (start, end) =>
            {
                for (int line = start; line < end; line++)
                {
                    for (int column = 0; column < width; column++)
                    {
                        float* block = rows + ((nint)line * width + column) * 4 * _channels;
                        float* upper = picture + ((nint)line * 4 * width + 2 * column) * _channels;
                        float* lower = upper + 2 * width * _channels;
                        if (back)
                        {
                            Unsafe.CopyBlockUnaligned(block, upper, run);
                            Unsafe.CopyBlockUnaligned(block + 2 * _channels, lower, run);
                        }
                        else
                        {
                            Unsafe.CopyBlockUnaligned(upper, block, run);
                            Unsafe.CopyBlockUnaligned(lower, block + 2 * _channels, run);
                        }
                    }
                }
            });
        }
    }
}
