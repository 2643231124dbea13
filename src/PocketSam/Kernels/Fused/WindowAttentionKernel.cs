using System.Runtime.CompilerServices;
using PocketSam.Kernels.Ops;
using PocketSam.Kernels.Products;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Kernels.Fused;

/// <summary>
/// The first half of a TinyViT block: y = x + projection(attention(norm(x))) inside square
/// windows of a map. A few windows at a time pass through all steps in cache. Windows that cross
/// the right or lower edge are padded with zero tokens, which the norm turns into its bias and
/// which take part in the softmax, as in the reference (tiny_vit_sam.py, TinyViTBlock).
/// </summary>
internal unsafe struct WindowAttentionKernel
{
    /// <summary>Values in the queries, keys and values of the windows of one part.</summary>
    private const int PartValues = 98_304;

    public int Batch, Height, Width, Channels, Heads, Window;

    /// <summary><c>[Batch, Height, Width, Channels]</c></summary>
    public float* X;

    public float* NormGain, NormBias;
    public float NormEpsilon;

    /// <summary>Projects to query, key and value of head 0, then of head 1 and so on.</summary>
    public PackedOperand Qkv;

    public float* QkvBias;

    /// <summary>
    /// <c>[Heads, Window^2, AttentionHead.BiasRowOf(Window^2)]</c>, the layout of <see cref="AttentionHead"/>.
    /// </summary>
    public float* Bias;

    public PackedOperand Projection;
    public float* ProjectionBias;

    /// <summary><c>[Batch, Height, Width, Channels]</c>, not the memory of X.</summary>
    public float* Y;

    /// <summary>Computes the half block, on several threads.</summary>
    public readonly void Run()
    {
        WindowAttentionKernel kernel = this;
        int across = (Width + Window - 1) / Window, down = (Height + Window - 1) / Window;
        int windows = Batch * across * down, area = Window * Window;
        int group = Math.Max(1, PartValues / (area * 3 * Channels));
        Workers.For((windows + group - 1) / group, part => Simd.Run(new Part
        {
            K = kernel, Across = across, Down = down, Start = part * group, End = Math.Min(windows, (part + 1) * group),
        }));
    }

    private struct Part : ISimdKernel
    {
        public WindowAttentionKernel K;
        public int Across, Down, Start, End;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<S, V>() where S : struct, ISimd<V> where V : struct
        {
            int channels = K.Channels, area = K.Window * K.Window, count = (End - Start) * area, dim = channels / K.Heads;
            float* tokens = Scratch.Get(Scratch.Slot.Tokens, (nint)count * channels);
            float* qkv = Scratch.Get(Scratch.Slot.Hidden, (nint)count * 3 * channels);
            float* projected = Scratch.Get(Scratch.Slot.Projected, (nint)count * channels);
            for (int window = Start; window < End; window++)
                Normalise(window, tokens + (nint)(window - Start) * area * channels);

            new Gemm(tokens, channels, K.Qkv, qkv, 3 * channels, count) { Bias = K.QkvBias }.RunHere();
            var head = new AttentionHead
            {
                Queries = area, Keys = area, Dim = dim, ValueDim = dim, Scale = VectorMath.Log2E / MathF.Sqrt(dim),
                QueryRow = 3 * channels, KeyRow = 3 * channels, ValueRow = 3 * channels, OutputRow = channels,
                BiasRow = AttentionHead.BiasRowOf(area),
            };
            for (int window = Start; window < End; window++)
            {
                nint first = (nint)(window - Start) * area;
                for (int h = 0; h < K.Heads; h++)
                {
                    head.Query = qkv + first * 3 * channels + h * 3 * dim;
                    head.Key = head.Query + dim;
                    head.Value = head.Query + 2 * dim;
                    head.Output = tokens + first * channels + h * dim;
                    head.Bias = K.Bias + h * area * head.BiasRow;
                    head.Run<S, V>();
                }
            }

            new Gemm(tokens, channels, K.Projection, projected, channels, count) { Bias = K.ProjectionBias }.RunHere();
            for (int window = Start; window < End; window++)
                AddBack<S, V>(window, projected + (nint)(window - Start) * area * channels);
        }

        /// <summary>
        /// Index of the upper left token of a window, and the size of the part of the window in the map.
        /// </summary>
        private readonly nint Origin(int window, out int columns, out int rows)
        {
            int x = window % Across * K.Window, y = window / Across % Down * K.Window;
            columns = Math.Min(K.Window, K.Width - x);
            rows = Math.Min(K.Window, K.Height - y);
            return ((nint)(window / Across / Down) * K.Height + y) * K.Width + x;
        }

        private readonly void Normalise(int window, float* target)
        {
            nint origin = Origin(window, out int columns, out int rows);
            for (int y = 0; y < K.Window; y++)
            {
                int inside = y < rows ? columns : 0;
                LayerNormKernel.ForwardHere(
                    K.X + (origin + y * K.Width) * K.Channels, K.NormGain, K.NormBias, target, inside, K.Channels, K.NormEpsilon);
                for (int x = inside; x < K.Window; x++)
                    Unsafe.CopyBlockUnaligned(target + x * K.Channels, K.NormBias, (uint)K.Channels * sizeof(float));
                target += K.Window * K.Channels;
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void AddBack<S, V>(int window, float* source) where S : struct, ISimd<V> where V : struct
        {
            nint origin = Origin(window, out int columns, out int rows);
            for (int y = 0; y < rows; y++)
            {
                nint offset = (origin + y * K.Width) * K.Channels;
                float* x = K.X + offset, target = K.Y + offset;
                int i = 0, count = columns * K.Channels;
                for (; i + S.Width <= count; i += S.Width)
                    S.Store(target + i, S.Add(S.Load(x + i), S.Load(source + i)));
                for (; i < count; i++)
                    target[i] = x[i] + source[i];
                source += K.Window * K.Channels;
            }
        }
    }
}
