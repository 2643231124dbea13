using System.Runtime.CompilerServices;
using PocketSam.Kernels.Ops;
using PocketSam.Kernels.Products;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Kernels.Fused;

/// <summary>
/// 1x1 convolution, GELU, depthwise 3x3 convolution, GELU, 1x1 convolution, each with its bias, then x and GELU where
/// asked: TinyViT's MBConv and its patch merging. The picture is computed by stretches of rows: three rows of the
/// expanded picture are kept in a ring, so that it never reaches memory.
/// </summary>
internal unsafe struct MbConvKernel
{
    /// <summary>Values of one row in the ring: three of them and a row behind the depthwise convolution stay in cache.</summary>
    private const int RingRow = 16_384;

    /// <summary>Output rows of a part; two of its input rows are expanded by its neighbours as well.</summary>
    private const int Band = 32;

    public int Batch, Height, Width;

    /// <summary>Of the depthwise convolution: 1 or 2.</summary>
    public int Stride;

    /// <summary><c>[Batch, Height, Width, channels]</c></summary>
    public float* X;

    public PackedOperand Expand, Project;
    public float* ExpandBias, ProjectBias;

    /// <summary><c>[3, 3, hidden]</c> and one value a channel.</summary>
    public float* Depthwise, DepthwiseBias;

    /// <summary>Whether to end in GELU(project + x), stride 1, rather than in the projection.</summary>
    public bool Residual;

    /// <summary><c>[Batch, OutHeight, OutWidth, output channels]</c></summary>
    public float* Y;

    public readonly int OutHeight => (Height + Stride - 1) / Stride;

    public readonly int OutWidth => (Width + Stride - 1) / Stride;

    /// <summary>Computes it, on several threads.</summary>
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

        /// <summary>Where column 0 of that row would lie, of which the ring holds a stretch; null outside of the picture.</summary>
        private readonly float* RingRowAt(float* ring, nint row, int y, int first, int hidden)
            => y < 0 || y >= K.Height ? null : ring + y % 3 * row - (nint)first * hidden;
    }
}
