using System.Runtime.CompilerServices;
using PocketSam.Kernels;

namespace PocketSam.Tensors;

/// <summary>Convolutions on <c>[batch, height, width, channels]</c>.</summary>
internal static unsafe class ConvolutionOps
{
    /// <summary>
    /// Convolution with weights <c>[out, kernel, kernel, in]</c>; <paramref name="activation"/> as in
    /// <see cref="MatrixOps.Linear"/>.
    /// </summary>
    public static Tensor Conv2d(
        this Tensor x, Weight weight, Weight? bias, int stride, int padding, Activation activation = Activation.None)
    {
        Tensor? w = Tape.Records ? weight.Value : null;
        Tensor b = bias?.Value!;
        int outChannels = weight.Shape[0], kernel = weight.Shape[1];
        if (x.Channels != weight.Shape[^1])
            throw new ArgumentException($"a convolution of {weight.Shape[^1]} channels was given {x}");
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
        if (kernel == 1 && stride == 1)
            return x.Linear(weight, bias, activation: activation);

        Tensor y = Tape.New([x.Shape[0], patches.OutHeight, patches.OutWidth, outChannels], x, w, b);
        if (y.WantsGradient && activation != Activation.None)
            throw new ArgumentException("an activation inside a convolution has no gradient", nameof(activation));
        int rows = patches.Rows, columns = patches.Columns;
        new ConvolutionKernel
        {
            Patches = patches,
            X = x.Data,
            Weights = weight.Transposed(outChannels, columns),
            Bias = bias is null ? null : b.Data,
            Activation = activation,
            Y = y.Data,
        }.Run();
        Tape.Step(y, () =>
        {
            float* dy = y.Buffer.Gradient!.Data;
            float* copied = Tape.Temporary((nint)rows * columns);
            patches.Gather(x.Data, copied);
            float* dw = Tape.GradientOf(w!, out bool accumulate);
            float* db = bias is not null && b.WantsGradient ? Tape.GradientToAddTo(b) : null;
            if (dw is not null)
            {
                new TransposedProduct(dy, outChannels, copied, columns, dw, columns, outChannels, columns, rows)
                {
                    Accumulate = accumulate,
                    Sums = db,
                }.Run();
            }
            else if (db is not null)
            {
                ColumnSums.Add(dy, rows, outChannels, db);
            }

            if (!x.WantsGradient)
                return;
            new Gemm(dy, outChannels, weight.Plain(outChannels, columns), copied, columns, rows).Run();
            float* dx = Tape.GradientOf(x, out accumulate);
            patches.Spread(copied, dx, accumulate);
        });
        return y;
    }

    /// <summary>3x3 convolution of each channel by itself, padding 1; weights <c>[3, 3, channels]</c>.</summary>
    public static Tensor DepthwiseConv2d(this Tensor x, Weight weight, int stride, Weight? bias = null, bool gelu = false)
    {
        Tensor w = weight.Value;
        var kernel = new DepthwiseKernel
        {
            Batch = x.Shape[0],
            Height = x.Shape[1],
            Width = x.Shape[2],
            Channels = x.Channels,
            Stride = stride,
            X = x.Data,
            Weights = w.Data,
        };
        Tensor y = Tape.New([x.Shape[0], kernel.OutHeight, kernel.OutWidth, x.Channels], x, w);
        if (y.WantsGradient && (gelu || bias is not null))
            throw new ArgumentException("bias and GELU inside a depthwise convolution have no gradient", nameof(gelu));
        kernel.Forward(y.Data, bias is null ? null : bias.Value.Data, gelu);
        Tape.Step(y, () =>
        {
            float* dy = y.Buffer.Gradient!.Data;
            float* dw = w.WantsGradient ? Tape.GradientToAddTo(w) : null, dx = Tape.GradientOf(x, out bool accumulate);
            kernel.Backward(dy, dx, accumulate, dw);
        });
        return y;
    }

    /// <summary>
    /// Transposed convolution, kernel 2, stride 2: each pixel becomes 2x2. Weights <c>[4 out, in]</c>, the first
    /// dimension ordered (row, column, channel) of the 2x2 result.
    /// </summary>
    public static Tensor ConvTranspose2x2(this Tensor x, Weight weight, Weight bias)
    {
        int batch = x.Shape[0], height = x.Shape[1], width = x.Shape[2], channels = weight.Shape[0] / 4;

        // The product gives [pixel, 2, 2, out]; a row of it is two runs of 2 out values of the result.
        Tensor product = x.Linear(weight, null);
        Tensor y = Tape.New([batch, 2 * height, 2 * width, channels], product, bias.Value);
        Shuffle(product.Data, y.Data, back: false);
        float* shift = bias.Value.Data;
        Workers.ForRange(y.Rows, 4096, (start, end) =>
        {
            for (int row = start; row < end; row++)
                Simd.Run(new AddScaled { X = shift, Target = y.Data + (nint)row * channels, Count = channels, Scale = 1f });
        });
        Tape.Step(y, () =>
        {
            float* dy = y.Buffer.Gradient!.Data;
            if (bias.Value.WantsGradient)
                ColumnSums.Add(dy, y.Rows, channels, Tape.GradientToAddTo(bias.Value));
            float* dproduct = Tape.GradientOf(product, out _);
            if (dproduct is not null)
                Shuffle(dproduct, dy, back: true);
        });
        return y;

        void Shuffle(float* p, float* picture, bool back)
        {
            uint run = (uint)(2 * channels * sizeof(float));
            Workers.ForRange(batch * height, Math.Max(1, 16_384 / (4 * width * channels)), (start, end) =>
            {
                for (int line = start; line < end; line++)
                {
                    for (int column = 0; column < width; column++)
                    {
                        float* block = p + ((nint)line * width + column) * 4 * channels;
                        float* upper = picture + ((nint)line * 4 * width + 2 * column) * channels;
                        float* lower = upper + 2 * width * channels;
                        if (back)
                        {
                            Unsafe.CopyBlockUnaligned(block, upper, run);
                            Unsafe.CopyBlockUnaligned(block + 2 * channels, lower, run);
                        }
                        else
                        {
                            Unsafe.CopyBlockUnaligned(upper, block, run);
                            Unsafe.CopyBlockUnaligned(lower, block + 2 * channels, run);
                        }
                    }
                }
            });
        }
    }
}
