using System.Runtime.CompilerServices;
using PocketSam.Kernels.Products;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Kernels.Ops;

/// <summary>
/// activation(x * w + bias) + residual: a 3x3 convolution with padding 1 of one picture. A band of input rows is copied
/// with its padding. The three taps of a kernel row are then contiguous, and neighbouring output pixels read
/// overlapping runs, which allows tall tiles and needs a third of the prologues and epilogues of single taps.
/// </summary>
internal unsafe struct BandConvolutionKernel
{
    private const int Taps = 3;

    /// <summary>
    /// Largest number of floats in a band of more than one output row: half of a second-level cache of 512 KiB.
    /// </summary>
    private const int BandLength = 64 * 1024;

    /// <summary>Bands to cut a picture into, if it has enough rows.</summary>
    private const int FewestBands = 8;

    /// <summary>Values of k per pass over a panel, as in <see cref="Gemm"/>.</summary>
    private const int BlockK = 256;

    public FeatureMap X;

    /// <summary>Stride of the convolution, 1 or 2.</summary>
    public int Stride;

    /// <summary><c>[3 * 3 * in, out]</c></summary>
    public PackedMatrix Weights;

    /// <summary><c>[out]</c></summary>
    public float* Bias;

    public Activation Activation;

    /// <summary>Added after the activation, <c>[pixels of Y, out]</c>; null for none.</summary>
    public float* Residual;

    /// <summary>Floats from one pixel of the residual to the next.</summary>
    public nint ResidualStride;

    /// <summary><c>[ceil(height / stride), ceil(width / stride), out]</c></summary>
    public FeatureMap Y;

    private readonly int PaddedRow => (X.Width + Taps - 1) * X.Channels;

    /// <summary>Computes the convolution, on several threads.</summary>
    public readonly void Run()
    {
        BandConvolutionKernel kernel = this;
        int rows = Math.Clamp((BandLength / PaddedRow - Taps) / Stride + 1, 1, (Y.Height + FewestBands - 1) / FewestBands);
        Workers.For((Y.Height + rows - 1) / rows, band =>
            Simd.Run(new Band { Kernel = kernel, Top = band * rows, Bottom = Math.Min(kernel.Y.Height, (band + 1) * rows) }));
    }

    private struct Band : ISimdKernel
    {
        public BandConvolutionKernel Kernel;
        public int Top, Bottom;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<S, V>() where S : struct, ISimd<V> where V : struct
        {
            int width = 2 * S.Width, run = Taps * Kernel.X.Channels, depth = Taps * run;
            int blocks = (run + BlockK - 1) / BlockK, block = (run + blocks - 1) / blocks;
            float* band = Copy();
            for (int panel = 0; panel < Kernel.Weights.Panels; panel++)
            {
                int columns = Math.Min(width, Kernel.Weights.N - panel * width);
                for (int tap = 0; tap < Taps; tap++)
                {
                    for (int k = 0; k < run; k += block)
                    {
                        int from = tap * run + k, count = Math.Min(block, run - k);
                        Rows<S, V>(
                            band + (nint)tap * Kernel.PaddedRow + k, count, Kernel.Weights.Panel(panel) + (nint)from * width,
                            panel * width, columns, from > 0, from + count == depth);
                    }
                }
            }
        }

        /// <summary>
        /// Copies the band's input rows with a zero pixel at each end, and zeros for rows outside the picture.
        /// </summary>
        private readonly float* Copy()
        {
            FeatureMap x = Kernel.X;
            int first = Top * Kernel.Stride - 1, count = (Bottom - Top - 1) * Kernel.Stride + Taps, row = Kernel.PaddedRow;

            // Tiles that cross the end of the last row read a little more, for results that are discarded.
            int beyond = GemmTile.TallRows * Kernel.Stride * x.Channels;
            float* band = Scratch.Get(Scratch.Slot.Ring, (nint)count * row + beyond);
            new Span<float>(band + (nint)count * row, beyond).Clear();
            uint pixel = (uint)x.Channels * sizeof(float);
            for (int i = 0; i < count; i++)
            {
                int y = first + i;
                float* target = band + (nint)i * row;
                if (y < 0 || y >= x.Height)
                {
                    new Span<float>(target, row).Clear();
                    continue;
                }

                new Span<float>(target, x.Channels).Clear();
                target += x.Channels;
                float* source = x.Data + (nint)y * x.Width * x.Stride;
                if (x.Stride == x.Channels)
                {
                    new Span<float>(source, x.Width * x.Channels).CopyTo(new Span<float>(target, x.Width * x.Channels));
                }
                else
                {
                    for (int column = 0; column < x.Width; column++)
                        Unsafe.CopyBlockUnaligned(target + (nint)column * x.Channels, source + (nint)column * x.Stride, pixel);
                }

                new Span<float>(target + (nint)x.Width * x.Channels, x.Channels).Clear();
            }

            return band;
        }

        /// <summary>Multiplies all output pixels of the band by one block of one panel.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Rows<S, V>(float* band, int count, float* b, int column, int columns, bool accumulate, bool last)
            where S : struct, ISimd<V> where V : struct
        {
            int width = 2 * S.Width, outWidth = Kernel.Y.Width;
            nint step = (nint)Kernel.Stride * Kernel.X.Channels, ldc = Kernel.Y.Stride;
            bool half = columns <= S.Width;
            float* edge = stackalloc float[GemmTile.TallRows * 32];
            var product = new Gemm
            {
                Bias = Kernel.Bias, Activation = Kernel.Activation, Residual = Kernel.Residual, ResidualStride = Kernel.ResidualStride,
                AddsResidualLast = true, Ldc = ldc,
            };
            for (int y = Top; y < Bottom; y++)
            {
                float* a = band + (nint)(y - Top) * Kernel.Stride * Kernel.PaddedRow;
                for (int x = 0; x < outWidth;)
                {
                    int left = outWidth - x, pixel = y * outWidth + x;
                    int height = GemmTile.HasTall && left > GemmTile.Rows && !half ? GemmTile.TallRows : GemmTile.Rows;
                    int rows = Math.Min(height, left);
                    float* c = Kernel.Y.Data + pixel * ldc + column, from = a + x * step;
                    if (rows == height && columns == width)
                    {
                        Tile<S, V>(from, step, height, count, b, c, ldc, accumulate, half);
                    }
                    else
                    {
                        for (int r = 0; r < rows && accumulate; r++)
                            Unsafe.CopyBlockUnaligned(edge + r * width, c + r * ldc, (uint)columns * sizeof(float));
                        Tile<S, V>(from, step, height, count, b, edge, width, accumulate, half);
                        for (int r = 0; r < rows; r++)
                            Unsafe.CopyBlockUnaligned(c + r * ldc, edge + r * width, (uint)columns * sizeof(float));
                    }

                    if (last)
                        GemmEpilogue.Run<S, V>(product, c, pixel, column, rows, columns);
                    x += rows;
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Tile<S, V>(
            float* a, nint step, int height, int count, float* b, float* c, nint ldc, bool accumulate, bool half)
            where S : struct, ISimd<V> where V : struct
        {
            if (height == GemmTile.TallRows)
            {
                GemmTile.Tall<S, V>(a, step, 1, count, b, c, ldc, accumulate);
                return;
            }

            GemmTile.Operands o = new()
            {
                Step = 1, K = count, B = b,
                A0 = a, A1 = a + step, A2 = a + 2 * step, A3 = a + 3 * step, A4 = a + 4 * step, A5 = a + 5 * step,
            };
            if (half)
                GemmTile.One<S, V>(o, c, ldc, accumulate);
            else
                GemmTile.Two<S, V>(o, c, ldc, accumulate);
        }
    }
}
