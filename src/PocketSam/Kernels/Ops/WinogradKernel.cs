using System.Runtime.CompilerServices;
using PocketSam.Kernels.Products;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Kernels.Ops;

/// <summary>
/// activation(x * w + bias) + residual: a 3x3 convolution of stride 1 with padding 1 of one picture, four outputs from
/// sixteen products a channel instead of thirty-six (Winograd; Lavin and Gray, arXiv:1509.09308, F(2x2, 3x3)). For each
/// tile d of 4x4 inputs, which overlap by two, V = B^T d B; m is the sum over channels of V U at each position; the 2x2
/// outputs are A^T m A, with B^T = [1 0 -1 0; 0 1 1 0; 0 -1 1 0; 0 1 0 -1] and A^T = [1 1 1 0; 0 1 -1 -1]. The result
/// differs from that of <see cref="BandConvolutionKernel"/> by rounding.
/// </summary>
internal unsafe struct WinogradKernel
{
    private const int Side = WinogradWeights.Side, Places = WinogradWeights.Places;

    /// <summary>Rows and columns of a tile's outputs.</summary>
    private const int Outputs = 2;

    /// <summary>
    /// Channels times tiles in a part: its sixteen-fold inputs and
    /// sums take three quarters of a second-level cache of 1 MiB.
    /// </summary>
    private const int PartLength = 12 * 1024;

    /// <summary>Tiles in a part: a multiple of the rows of a product's tile, up to a limit.</summary>
    private const int TileStep = 12, MostTiles = 96;

    public FeatureMap X;

    public WinogradWeights Weights;

    /// <summary><c>[out]</c></summary>
    public float* Bias;

    /// <summary>None or SiLU.</summary>
    public Activation Activation;

    /// <summary>Added after the activation, <c>[pixels, out]</c>; null for none.</summary>
    public float* Residual;

    /// <summary>Floats from one pixel of the residual to the next.</summary>
    public nint ResidualStride;

    /// <summary><c>[height, width, out]</c></summary>
    public FeatureMap Y;

    private readonly int TilesAcross => (X.Width + Outputs - 1) / Outputs;

    /// <summary>Computes the convolution, on several threads.</summary>
    public readonly void Run()
    {
        WinogradKernel kernel = this;
        int tiles = TilesAcross * ((X.Height + Outputs - 1) / Outputs);
        int count = Math.Clamp(PartLength / (X.Channels + Y.Channels) / TileStep * TileStep, TileStep, MostTiles);
        Workers.For((tiles + count - 1) / count, part =>
            Simd.Run(new Part { Kernel = kernel, First = part * count, Count = Math.Min(count, tiles - part * count) }));
    }

    private struct Part : ISimdKernel
    {
        public WinogradKernel Kernel;
        public int First, Count;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<S, V>() where S : struct, ISimd<V> where V : struct
        {
            int inputs = Kernel.X.Channels, outputs = Kernel.Y.Channels;
            float* tiles = Scratch.Get(Scratch.Slot.Ring, (nint)Places * Count * (inputs + outputs) + inputs);
            float* sums = tiles + (nint)Places * Count * inputs, zeros = sums + (nint)Places * Count * outputs;
            new Span<float>(zeros, inputs).Clear();
            for (int i = 0; i < Count; i++)
                TransformInput<S, V>(First + i, tiles + (nint)i * inputs, zeros);
            for (int place = 0; place < Places; place++)
            {
                new Gemm(
                    tiles + (nint)place * Count * inputs, inputs, Kernel.Weights.Matrices[place], sums + (nint)place * Count * outputs, outputs,
                    Count).RunHere();
            }

            for (int i = 0; i < Count; i++)
            {
                if (Kernel.Activation == Activation.Silu)
                    TransformOutput<S, V, Silu>(First + i, sums + (nint)i * outputs);
                else
                    TransformOutput<S, V, Identity>(First + i, sums + (nint)i * outputs);
            }
        }

        /// <summary>Writes B^T d B of a tile, each position where its product reads it.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void TransformInput<S, V>(int tile, float* target, float* zeros) where S : struct, ISimd<V> where V : struct
        {
            FeatureMap x = Kernel.X;
            int top = tile / Kernel.TilesAcross * Outputs - 1, left = tile % Kernel.TilesAcross * Outputs - 1;
            float** pixels = stackalloc float*[Places];
            for (int place = 0; place < Places; place++)
            {
                int row = top + place / Side, column = left + place % Side;
                bool isInside = row >= 0 && row < x.Height && column >= 0 && column < x.Width;
                pixels[place] = isInside ? x.Data + ((nint)row * x.Width + column) * x.Stride : zeros;
            }

            nint step = (nint)Count * x.Channels;
            int channel = 0;
            for (; channel + S.Width <= x.Channels; channel += S.Width)
                Transform<S, V>(pixels, channel, target + channel, step);
            for (; channel < x.Channels; channel++)
                Transform<SimdScalar, float>(pixels, channel, target + channel, step);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Transform<S, V>(float** pixels, int channel, float* target, nint step) where S : struct, ISimd<V> where V : struct
        {
            V a0 = S.Load(pixels[0] + channel), a1 = S.Load(pixels[1] + channel), a2 = S.Load(pixels[2] + channel), a3 = S.Load(pixels[3] + channel);
            V b0 = S.Load(pixels[4] + channel), b1 = S.Load(pixels[5] + channel), b2 = S.Load(pixels[6] + channel), b3 = S.Load(pixels[7] + channel);
            V c0 = S.Load(pixels[8] + channel), c1 = S.Load(pixels[9] + channel), c2 = S.Load(pixels[10] + channel), c3 = S.Load(pixels[11] + channel);
            Row<S, V>(S.Subtract(a0, c0), S.Subtract(a1, c1), S.Subtract(a2, c2), S.Subtract(a3, c3), target, step);
            Row<S, V>(S.Add(b0, c0), S.Add(b1, c1), S.Add(b2, c2), S.Add(b3, c3), target + Side * step, step);
            Row<S, V>(S.Subtract(c0, b0), S.Subtract(c1, b1), S.Subtract(c2, b2), S.Subtract(c3, b3), target + 2 * Side * step, step);
            V d0 = S.Load(pixels[12] + channel), d1 = S.Load(pixels[13] + channel), d2 = S.Load(pixels[14] + channel), d3 = S.Load(pixels[15] + channel);
            Row<S, V>(S.Subtract(b0, d0), S.Subtract(b1, d1), S.Subtract(b2, d2), S.Subtract(b3, d3), target + 3 * Side * step, step);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Row<S, V>(V r0, V r1, V r2, V r3, float* target, nint step) where S : struct, ISimd<V> where V : struct
        {
            S.Store(target, S.Subtract(r0, r2));
            S.Store(target + step, S.Add(r1, r2));
            S.Store(target + 2 * step, S.Subtract(r2, r1));
            S.Store(target + 3 * step, S.Subtract(r1, r3));
        }

        /// <summary>Computes and writes the outputs of a tile that lie in the picture.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void TransformOutput<S, V, TOp>(int tile, float* sums) where S : struct, ISimd<V> where V : struct where TOp : struct, IUnary
        {
            FeatureMap y = Kernel.Y;
            int row = tile / Kernel.TilesAcross * Outputs, column = tile % Kernel.TilesAcross * Outputs, pixel = row * y.Width + column;
            bool hasRight = column + 1 < y.Width, hasBelow = row + 1 < y.Height;
            nint step = (nint)Count * y.Channels;
            int channel = 0;
            for (; channel + S.Width <= y.Channels; channel += S.Width)
                Finish<S, V, TOp>(sums + channel, step, channel, pixel, hasRight, hasBelow);
            for (; channel < y.Channels; channel++)
                Finish<SimdScalar, float, TOp>(sums + channel, step, channel, pixel, hasRight, hasBelow);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void Finish<S, V, TOp>(float* m, nint step, int channel, int pixel, bool hasRight, bool hasBelow)
            where S : struct, ISimd<V> where V : struct where TOp : struct, IUnary
        {
            (V upper0, V lower0) = Column<S, V>(m, step);
            (V upper1, V lower1) = Column<S, V>(m + step, step);
            (V upper2, V lower2) = Column<S, V>(m + 2 * step, step);
            (V upper3, V lower3) = Column<S, V>(m + 3 * step, step);
            Store<S, V, TOp>(S.Add(S.Add(upper0, upper1), upper2), channel, pixel);
            if (hasRight)
                Store<S, V, TOp>(S.Subtract(S.Subtract(upper1, upper2), upper3), channel, pixel + 1);
            if (!hasBelow)
                return;
            Store<S, V, TOp>(S.Add(S.Add(lower0, lower1), lower2), channel, pixel + Kernel.Y.Width);
            if (hasRight)
                Store<S, V, TOp>(S.Subtract(S.Subtract(lower1, lower2), lower3), channel, pixel + Kernel.Y.Width + 1);
        }

        /// <summary>A^T times the four positions of a tile's column.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static (V Upper, V Lower) Column<S, V>(float* m, nint step) where S : struct, ISimd<V> where V : struct
        {
            V m0 = S.Load(m), m1 = S.Load(m + Side * step), m2 = S.Load(m + 2 * Side * step), m3 = S.Load(m + 3 * Side * step);
            return (S.Add(S.Add(m0, m1), m2), S.Subtract(S.Subtract(m1, m2), m3));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void Store<S, V, TOp>(V sum, int channel, int pixel) where S : struct, ISimd<V> where V : struct where TOp : struct, IUnary
        {
            V value = TOp.Apply<S, V>(S.Add(sum, S.Load(Kernel.Bias + channel)));
            if (Kernel.Residual is not null)
                value = S.Add(value, S.Load(Kernel.Residual + pixel * Kernel.ResidualStride + channel));
            S.Store(Kernel.Y.Data + (nint)pixel * Kernel.Y.Stride + channel, value);
        }
    }
}
