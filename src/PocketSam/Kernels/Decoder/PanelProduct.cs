using System.Runtime.CompilerServices;
using PocketSam.Kernels.Products;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Kernels.Decoder;

/// <summary>
/// C[m, j] = initial[m, j] + bias[m] + sum over k of A[m, k] B[k, j] for one
/// panel of columns j (two vectors, see <see cref="PackedMatrix"/>): the product
/// of the fused decoder. C, B and the initial values are panels; A is row-major.
/// <para>
/// K may come in segments: those of A are <see cref="SegmentStride"/> floats apart, those of B contiguous.
/// </para>
/// </summary>
internal unsafe struct PanelProduct
{
    /// <summary>
    /// Rows of C that stay in registers: eight with the 32 registers of the widest vectors, otherwise four.
    /// </summary>
    private const int WideTile = 8, Tile = 4;

    public int Rows, K;
    public int Segments;
    public float* A;
    public nint RowStride, SegmentStride;
    public float* B, C;

    /// <summary>The initial values of the sums, a panel that may be C; null for zeros.</summary>
    public float* Initial;

    /// <summary>Added to each row, <c>[Rows]</c>, or null.</summary>
    public float* Bias;

    /// <summary>A product of one segment.</summary>
    public PanelProduct(float* a, nint rowStride, float* b, float* c, int rows, int k)
    {
        (Rows, K, Segments) = (rows, k, 1);
        A = a;
        RowStride = rowStride;
        B = b;
        C = c;
    }

    /// <summary>Computes the product on the calling thread.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run<S, V>() where S : struct, ISimd<V> where V : struct
    {
        int tile = S.Width == 16 ? WideTile : Tile, width = 2 * S.Width;
        int row = 0;
        for (; row + tile <= Rows; row += tile)
            Whole<S, V>(row, tile, C + (nint)row * width, Initial is null ? null : Initial + (nint)row * width);
        if (row == Rows)
            return;

        // Rows beyond the last repeat it; their sums are discarded.
        float* beside = stackalloc float[WideTile * 32];
        int rows = Rows - row;
        uint bytes = (uint)(rows * width * sizeof(float));
        if (Initial is not null)
            Unsafe.CopyBlockUnaligned(beside, Initial + (nint)row * width, bytes);
        Whole<S, V>(row, rows > Tile ? WideTile : Tile, beside, Initial is null ? null : beside);
        Unsafe.CopyBlockUnaligned(C + (nint)row * width, beside, bytes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Whole<S, V>(int row, int tile, float* c, float* initial)
        where S : struct, ISimd<V> where V : struct
    {
        var o = new Operands
        {
            A = A,
            B = B,
            C = c,
            Initial = initial,
            Bias = Bias,
            RowStride = RowStride,
            SegmentStride = SegmentStride,
            Row = row,
            Last = Rows - 1,
            K = K,
            Segments = Segments,
        };
        if (tile == WideTile)
            Eight<S, V>(o);
        else
            Four<S, V>(o);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Eight<S, V>(in Operands o) where S : struct, ISimd<V> where V : struct
    {
        int w = S.Width;
        V c00 = o.Start<S, V>(0, 0), c01 = o.Start<S, V>(0, w), c10 = o.Start<S, V>(1, 0), c11 = o.Start<S, V>(1, w);
        V c20 = o.Start<S, V>(2, 0), c21 = o.Start<S, V>(2, w), c30 = o.Start<S, V>(3, 0), c31 = o.Start<S, V>(3, w);
        V c40 = o.Start<S, V>(4, 0), c41 = o.Start<S, V>(4, w), c50 = o.Start<S, V>(5, 0), c51 = o.Start<S, V>(5, w);
        V c60 = o.Start<S, V>(6, 0), c61 = o.Start<S, V>(6, w), c70 = o.Start<S, V>(7, 0), c71 = o.Start<S, V>(7, w);
        float* b = o.B;
        nint count = o.K;
        for (int segment = 0; segment < o.Segments; segment++)
        {
            float* a0 = o.At(0, segment), a1 = o.At(1, segment), a2 = o.At(2, segment), a3 = o.At(3, segment);
            float* a4 = o.At(4, segment), a5 = o.At(5, segment), a6 = o.At(6, segment), a7 = o.At(7, segment);
            for (nint k = 0; k < count; k++)
            {
                V b0 = S.Load(b), b1 = S.Load(b + w);
                V a = S.Set(a0[k]);
                c00 = S.MultiplyAdd(a, b0, c00);
                c01 = S.MultiplyAdd(a, b1, c01);
                a = S.Set(a1[k]);
                c10 = S.MultiplyAdd(a, b0, c10);
                c11 = S.MultiplyAdd(a, b1, c11);
                a = S.Set(a2[k]);
                c20 = S.MultiplyAdd(a, b0, c20);
                c21 = S.MultiplyAdd(a, b1, c21);
                a = S.Set(a3[k]);
                c30 = S.MultiplyAdd(a, b0, c30);
                c31 = S.MultiplyAdd(a, b1, c31);
                a = S.Set(a4[k]);
                c40 = S.MultiplyAdd(a, b0, c40);
                c41 = S.MultiplyAdd(a, b1, c41);
                a = S.Set(a5[k]);
                c50 = S.MultiplyAdd(a, b0, c50);
                c51 = S.MultiplyAdd(a, b1, c51);
                a = S.Set(a6[k]);
                c60 = S.MultiplyAdd(a, b0, c60);
                c61 = S.MultiplyAdd(a, b1, c61);
                a = S.Set(a7[k]);
                c70 = S.MultiplyAdd(a, b0, c70);
                c71 = S.MultiplyAdd(a, b1, c71);
                b += 2 * w;
            }
        }

        float* c = o.C;
        Store<S, V>(c, c00, c01);
        Store<S, V>(c + 2 * w, c10, c11);
        Store<S, V>(c + 4 * w, c20, c21);
        Store<S, V>(c + 6 * w, c30, c31);
        Store<S, V>(c + 8 * w, c40, c41);
        Store<S, V>(c + 10 * w, c50, c51);
        Store<S, V>(c + 12 * w, c60, c61);
        Store<S, V>(c + 14 * w, c70, c71);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Four<S, V>(in Operands o) where S : struct, ISimd<V> where V : struct
    {
        int w = S.Width;
        V c00 = o.Start<S, V>(0, 0), c01 = o.Start<S, V>(0, w), c10 = o.Start<S, V>(1, 0), c11 = o.Start<S, V>(1, w);
        V c20 = o.Start<S, V>(2, 0), c21 = o.Start<S, V>(2, w), c30 = o.Start<S, V>(3, 0), c31 = o.Start<S, V>(3, w);
        float* b = o.B;
        nint count = o.K;
        for (int segment = 0; segment < o.Segments; segment++)
        {
            float* a0 = o.At(0, segment), a1 = o.At(1, segment), a2 = o.At(2, segment), a3 = o.At(3, segment);
            for (nint k = 0; k < count; k++)
            {
                V b0 = S.Load(b), b1 = S.Load(b + w);
                V a = S.Set(a0[k]);
                c00 = S.MultiplyAdd(a, b0, c00);
                c01 = S.MultiplyAdd(a, b1, c01);
                a = S.Set(a1[k]);
                c10 = S.MultiplyAdd(a, b0, c10);
                c11 = S.MultiplyAdd(a, b1, c11);
                a = S.Set(a2[k]);
                c20 = S.MultiplyAdd(a, b0, c20);
                c21 = S.MultiplyAdd(a, b1, c21);
                a = S.Set(a3[k]);
                c30 = S.MultiplyAdd(a, b0, c30);
                c31 = S.MultiplyAdd(a, b1, c31);
                b += 2 * w;
            }
        }

        float* c = o.C;
        Store<S, V>(c, c00, c01);
        Store<S, V>(c + 2 * w, c10, c11);
        Store<S, V>(c + 4 * w, c20, c21);
        Store<S, V>(c + 6 * w, c30, c31);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<S, V>(float* c, V first, V second) where S : struct, ISimd<V> where V : struct
    {
        S.Store(c, first);
        S.Store(c + S.Width, second);
    }

    /// <summary>The operands of one tile of rows.</summary>
    private struct Operands
    {
        public float* A, B, C, Initial, Bias;
        public nint RowStride, SegmentStride;
        public int Row, Last, K, Segments;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly float* At(int row, int segment)
            => A + Math.Min(Row + row, Last) * RowStride + segment * SegmentStride;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly V Start<S, V>(int row, int column) where S : struct, ISimd<V> where V : struct
        {
            V start = Initial is null ? default : S.Load(Initial + row * 2 * S.Width + column);
            return Bias is null ? start : S.Add(start, S.Set(Bias[Math.Min(Row + row, Last)]));
        }
    }
}
