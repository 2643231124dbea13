using System.Runtime.CompilerServices;
using PocketSam.Kernels.Ops;
using PocketSam.Kernels.Products;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Kernels.Fused;

/// <summary>
/// 1x1 convolution, GELU, depthwise 3x3 convolution, GELU, 1x1 convolution, each with its bias, then + x and GELU if
/// <see cref="Residual"/>: TinyViT's MBConv and patch merging. A ring of three rows holds the expanded picture, which
/// never reaches memory as a whole.
/// </summary>
internal unsafe struct MbConvKernel
{
    /// <summary>
    /// Values in a row of the ring: three rows and the output row of the depthwise convolution stay in cache.
    /// </summary>
    private const int RingRow = 16_384;

    /// <summary>Output rows in a part; the two parts beside it expand the rows at its border as well.</summary>
    private const int Band = 32;

    public int Batch, Height, Width;

    /// <summary>Stride of the depthwise convolution, 1 or 2.</summary>
    public int Stride;

    /// <summary><c>[Batch, Height, Width, channels]</c></summary>
    public float* X;

    public PackedOperand Expand, Project;
    public float* ExpandBias, ProjectBias;

    /// <summary><c>[3, 3, hidden]</c> and <c>[hidden]</c>.</summary>
    public float* Depthwise, DepthwiseBias;

    /// <summary>
    /// Whether the result is GELU(projection + x), which requires stride 1, rather than the projection.
    /// </summary>
    public bool Residual;

    /// <summary><c>[Batch, OutHeight, OutWidth, output channels]</c></summary>
    public float* Y;

    public readonly int OutHeight => (Height + Stride - 1) / Stride;

    public readonly int OutWidth => (Width + Stride - 1) / Stride;

    /// <summary>Computes the block, on several threads.</summary>
    public readonly void Run()
    {
        MbConvKernel kernel = this;
        int bands = (OutHeight + Band - 1) / Band;
        int stretches = Math.Max(1, (int)Math.Round((double)Width * Expand.N / RingRow));
        stretches = Math.Min(stretches, OutWidth);
        Workers.For(Batch * bands * stretches, part =>
        {
            int stretch = part % stretches, band = part / stretches % bands;
            Simd.Run(new Part
            {
                K = kernel,
                Item = part / stretches / bands,
                Top = band * Band,
                Bottom = Math.Min(kernel.OutHeight, (band + 1) * Band),
                Left = (int)((long)kernel.OutWidth * stretch / stretches),
                Right = (int)((long)kernel.OutWidth * (stretch + 1) / stretches),
            });
        });
    }

    private struct Part : ISimdKernel
    {
        public MbConvKernel K;
        public int Item, Top, Bottom, Left, Right;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<S, V>() where S : struct, ISimd<V> where V : struct
        {
            int hidden = K.Expand.N, channels = K.Expand.K, stride = K.Stride, columns = Right - Left;
            int first = Math.Max(0, Left * stride - 1), end = Math.Min(K.Width, (Right - 1) * stride + 2);
            nint row = (nint)(end - first) * hidden;
            float* ring = Scratch.Get(Scratch.Slot.Ring, 3 * row);
            float* filtered = Scratch.Get(Scratch.Slot.Hidden, (nint)columns * hidden);
            float* zeros = Scratch.Zeros(hidden);
            float* picture = K.X + (nint)Item * K.Height * K.Width * channels;
            int next = Math.Max(0, Top * stride - 1);
            for (int y = Top; y < Bottom; y++)
            {
                for (; next < Math.Min(K.Height, y * stride + 2); next++)
                {
                    new Gemm(
                        picture + ((nint)next * K.Width + first) * channels, channels, K.Expand,
                        ring + next % 3 * row, hidden, end - first)
                    {
                        Bias = K.ExpandBias,
                        Activation = Activation.Gelu,
                    }.RunHere();
                }

                new DepthwiseRow
                {
                    Above = RingRowAt(ring, row, y * stride - 1, first, hidden),
                    At = RingRowAt(ring, row, y * stride, first, hidden),
                    Below = RingRowAt(ring, row, y * stride + 1, first, hidden),
                    Width = K.Width, Channels = hidden, Stride = stride,
                    Weights = K.Depthwise, Bias = K.DepthwiseBias, Zeros = zeros, UseGelu = true,
                }.Run<S, V>(filtered, Left, Right);

                nint target = ((nint)Item * K.OutHeight + y) * K.OutWidth + Left;
                new Gemm(filtered, hidden, K.Project, K.Y + target * K.Project.N, K.Project.N, columns)
                {
                    Bias = K.ProjectBias,
                    Residual = K.Residual ? K.X + target * channels : null,
                    ResidualStride = channels,
                    Activation = K.Residual ? Activation.Gelu : Activation.None,
                }.RunHere();
            }
        }

        /// <summary>
        /// The address of column 0 of a row, of which the ring holds a stretch; null outside the picture.
        /// </summary>
        private readonly float* RingRowAt(float* ring, nint row, int y, int first, int hidden)
            => y < 0 || y >= K.Height ? null : ring + y % 3 * row - (nint)first * hidden;
    }
}
