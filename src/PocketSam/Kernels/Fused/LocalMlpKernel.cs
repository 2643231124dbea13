using System.Runtime.CompilerServices;
using PocketSam.Kernels.Ops;
using PocketSam.Kernels.Products;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Kernels.Fused;

/// <summary>
/// The second half of a TinyViT block: z = depthwise 3x3 convolution of x, y = z + W2 GELU(W1 norm(z) + b1) + b2, in
/// stretches of tokens whose hidden layer stays in the second-level cache.
/// </summary>
internal unsafe struct LocalMlpKernel
{
    /// <summary>Tokens in a part.</summary>
    private const int Stretch = 96;

    public int Batch, Height, Width, Channels;

    /// <summary><c>[Batch, Height, Width, Channels]</c></summary>
    public float* X;

    /// <summary><c>[3, 3, Channels]</c> and <c>[Channels]</c>.</summary>
    public float* Depthwise, DepthwiseBias;

    public float* NormGain, NormBias;
    public float NormEpsilon;

    public PackedOperand Up, Down;
    public float* UpBias, DownBias;

    /// <summary><c>[Batch, Height, Width, Channels]</c>, not the memory of X.</summary>
    public float* Y;

    /// <summary>Computes the half block, on several threads.</summary>
    public readonly void Run()
    {
        LocalMlpKernel kernel = this;
        Workers.ForTiles(Batch * Height * Width, GemmTile.TallRows, Stretch, (start, end) =>
            Simd.Run(new Part { K = kernel, Start = start, End = end }));
    }

    private struct Part : ISimdKernel
    {
        public LocalMlpKernel K;
        public int Start, End;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<S, V>() where S : struct, ISimd<V> where V : struct
        {
            int channels = K.Channels, count = End - Start, hidden = K.Up.N;
            float* z = Scratch.Get(Scratch.Slot.Tokens, (nint)2 * count * channels);
            float* normed = z + (nint)count * channels;
            float* inner = Scratch.Get(Scratch.Slot.Hidden, (nint)count * hidden);
            float* zeros = Scratch.Zeros(channels);
            for (int token = Start; token < End;)
            {
                int row = token / K.Width, x = token % K.Width, length = Math.Min(End - token, K.Width - x);
                new DepthwiseRow
                {
                    Above = RowAt(row, -1), At = RowAt(row, 0), Below = RowAt(row, 1),
                    Width = K.Width, Channels = channels, Stride = 1,
                    Weights = K.Depthwise, Bias = K.DepthwiseBias, Zeros = zeros,
                }.Run<S, V>(z + (nint)(token - Start) * channels, x, x + length);
                token += length;
            }

            LayerNormKernel.ForwardHere(z, K.NormGain, K.NormBias, normed, count, channels, K.NormEpsilon);
            new Gemm(normed, channels, K.Up, inner, hidden, count)
            {
                Bias = K.UpBias,
                Activation = Activation.Gelu,
            }.RunHere();
            new Gemm(inner, hidden, K.Down, K.Y + (nint)Start * channels, channels, count)
            {
                Bias = K.DownBias,
                Residual = z,
                ResidualStride = channels,
            }.RunHere();
        }

        /// <summary>
        /// The row <paramref name="offset"/> below row <paramref name="row"/>
        /// (counted over the batch); null outside its picture.
        /// </summary>
        private readonly float* RowAt(int row, int offset)
        {
            int y = row % K.Height + offset;
            return y < 0 || y >= K.Height ? null : K.X + (nint)(row + offset) * K.Width * K.Channels;
        }
    }
}
