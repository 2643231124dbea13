using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Kernels.Products;

/// <summary>
/// The innermost loop of the matrix product: a tile of six rows by one or two vectors of C stays in registers while k
/// runs. Row r of the left operand is <c>a_r[k * step]</c>, each element broadcast; row k of the panel is
/// <c>b[k * panel width]</c>.
/// </summary>
internal static unsafe class GemmTile
{
    public const int Rows = 6;

    /// <summary>Rows of <see cref="Tall{S, V}"/>.</summary>
    public const int TallRows = 12;

    /// <summary>Whether the machine has enough vector registers for tall tiles.</summary>
    public static bool HasTall => Vector512.IsHardwareAccelerated;

    /// <summary>
    /// Multiplies up to twelve rows, which start at <c>a + r * stride</c>, by one panel. C needs room for a whole
    /// number of six-row tiles.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Strided<S, V>(float* a, nint stride, int rows, int k, float* b, float* c, nint ldc)
        where S : struct, ISimd<V> where V : struct
    {
        if (rows == TallRows && HasTall)
        {
            Tall<S, V>(a, stride, 1, k, b, c, ldc, false);
            return;
        }

        for (; rows > 0; rows -= Rows, a += Rows * stride, c += Rows * ldc)
        {
            Operands o = new() { Step = 1, K = k, B = b, A0 = a };
            o.A1 = rows > 1 ? a + stride : a;
            o.A2 = rows > 2 ? a + 2 * stride : a;
            o.A3 = rows > 3 ? a + 3 * stride : a;
            o.A4 = rows > 4 ? a + 4 * stride : a;
            o.A5 = rows > 5 ? a + 5 * stride : a;
            Two<S, V>(o, c, ldc, false);
        }
    }

    /// <summary>
    /// Multiplies six or twelve rows of a left operand that is laid out as <c>[k, rows]</c> by one panel.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Packed<S, V>(float* a, int rows, int k, float* b, float* c, nint ldc, bool accumulate)
        where S : struct, ISimd<V> where V : struct
    {
        if (rows == TallRows && HasTall)
        {
            Tall<S, V>(a, 1, TallRows, k, b, c, ldc, accumulate);
            return;
        }

        for (int r = 0; r < rows; r += Rows, a += Rows, c += Rows * ldc)
        {
            Operands o = new() { Step = rows, K = k, B = b, A0 = a, A1 = a + 1, A2 = a + 2, A3 = a + 3, A4 = a + 4, A5 = a + 5 };
            Two<S, V>(o, c, ldc, accumulate);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Two<S, V>(in Operands o, float* c, nint ldc, bool accumulate)
        where S : struct, ISimd<V> where V : struct
    {
        float* a0 = o.A0, a1 = o.A1, a2 = o.A2, a3 = o.A3, a4 = o.A4, a5 = o.A5, b = o.B;
        nint step = o.Step, end = step * o.K;
        int w = S.Width;
        V c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default;
        V c30 = default, c31 = default, c40 = default, c41 = default, c50 = default, c51 = default;
        if (accumulate)
        {
            c00 = S.Load(c);
            c01 = S.Load(c + w);
            c10 = S.Load(c + ldc);
            c11 = S.Load(c + ldc + w);
            c20 = S.Load(c + 2 * ldc);
            c21 = S.Load(c + 2 * ldc + w);
            c30 = S.Load(c + 3 * ldc);
            c31 = S.Load(c + 3 * ldc + w);
            c40 = S.Load(c + 4 * ldc);
            c41 = S.Load(c + 4 * ldc + w);
            c50 = S.Load(c + 5 * ldc);
            c51 = S.Load(c + 5 * ldc + w);
        }

        for (nint i = 0; i < end; i += step)
        {
            V b0 = S.Load(b), b1 = S.Load(b + w);
            V a = S.Set(a0[i]);
            c00 = S.MultiplyAdd(a, b0, c00);
            c01 = S.MultiplyAdd(a, b1, c01);
            a = S.Set(a1[i]);
            c10 = S.MultiplyAdd(a, b0, c10);
            c11 = S.MultiplyAdd(a, b1, c11);
            a = S.Set(a2[i]);
            c20 = S.MultiplyAdd(a, b0, c20);
            c21 = S.MultiplyAdd(a, b1, c21);
            a = S.Set(a3[i]);
            c30 = S.MultiplyAdd(a, b0, c30);
            c31 = S.MultiplyAdd(a, b1, c31);
            a = S.Set(a4[i]);
            c40 = S.MultiplyAdd(a, b0, c40);
            c41 = S.MultiplyAdd(a, b1, c41);
            a = S.Set(a5[i]);
            c50 = S.MultiplyAdd(a, b0, c50);
            c51 = S.MultiplyAdd(a, b1, c51);
            b += 2 * w;
        }

        S.Store(c, c00);
        S.Store(c + w, c01);
        S.Store(c + ldc, c10);
        S.Store(c + ldc + w, c11);
        S.Store(c + 2 * ldc, c20);
        S.Store(c + 2 * ldc + w, c21);
        S.Store(c + 3 * ldc, c30);
        S.Store(c + 3 * ldc + w, c31);
        S.Store(c + 4 * ldc, c40);
        S.Store(c + 4 * ldc + w, c41);
        S.Store(c + 5 * ldc, c50);
        S.Store(c + 5 * ldc + w, c51);
    }

    /// <summary>
    /// Twelve rows by two vectors, for machines with 32 vector registers: half the loads of B and half the prologues
    /// and epilogues. Row r of the left operand starts at <c>a + r * stride</c>; its elements are <c>step</c> apart.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Tall<S, V>(float* a, nint stride, nint step, int k, float* b, float* c, nint ldc, bool accumulate)
        where S : struct, ISimd<V> where V : struct
    {
        float* a0 = a, a1 = a + 3 * stride, a2 = a + 6 * stride, a3 = a + 9 * stride;
        nint two = 2 * stride;
        int w = S.Width;
        V c0x = default, c0y = default, c1x = default, c1y = default, c2x = default, c2y = default, c3x = default, c3y = default;
        V c4x = default, c4y = default, c5x = default, c5y = default, c6x = default, c6y = default, c7x = default, c7y = default;
        V c8x = default, c8y = default, c9x = default, c9y = default, c10x = default, c10y = default, c11x = default, c11y = default;
        if (accumulate)
        {
            float* t = c;
            c0x = S.Load(t);
            c0y = S.Load(t + w);
            t += ldc;
            c1x = S.Load(t);
            c1y = S.Load(t + w);
            t += ldc;
            c2x = S.Load(t);
            c2y = S.Load(t + w);
            t += ldc;
            c3x = S.Load(t);
            c3y = S.Load(t + w);
            t += ldc;
            c4x = S.Load(t);
            c4y = S.Load(t + w);
            t += ldc;
            c5x = S.Load(t);
            c5y = S.Load(t + w);
            t += ldc;
            c6x = S.Load(t);
            c6y = S.Load(t + w);
            t += ldc;
            c7x = S.Load(t);
            c7y = S.Load(t + w);
            t += ldc;
            c8x = S.Load(t);
            c8y = S.Load(t + w);
            t += ldc;
            c9x = S.Load(t);
            c9y = S.Load(t + w);
            t += ldc;
            c10x = S.Load(t);
            c10y = S.Load(t + w);
            t += ldc;
            c11x = S.Load(t);
            c11y = S.Load(t + w);
        }

        for (; k > 0; k--)
        {
            V b0 = S.Load(b), b1 = S.Load(b + w);
            V v = S.Set(*a0);
            c0x = S.MultiplyAdd(v, b0, c0x);
            c0y = S.MultiplyAdd(v, b1, c0y);
            v = S.Set(a0[stride]);
            c1x = S.MultiplyAdd(v, b0, c1x);
            c1y = S.MultiplyAdd(v, b1, c1y);
            v = S.Set(a0[two]);
            c2x = S.MultiplyAdd(v, b0, c2x);
            c2y = S.MultiplyAdd(v, b1, c2y);
            a0 += step;
            v = S.Set(*a1);
            c3x = S.MultiplyAdd(v, b0, c3x);
            c3y = S.MultiplyAdd(v, b1, c3y);
            v = S.Set(a1[stride]);
            c4x = S.MultiplyAdd(v, b0, c4x);
            c4y = S.MultiplyAdd(v, b1, c4y);
            v = S.Set(a1[two]);
            c5x = S.MultiplyAdd(v, b0, c5x);
            c5y = S.MultiplyAdd(v, b1, c5y);
            a1 += step;
            v = S.Set(*a2);
            c6x = S.MultiplyAdd(v, b0, c6x);
            c6y = S.MultiplyAdd(v, b1, c6y);
            v = S.Set(a2[stride]);
            c7x = S.MultiplyAdd(v, b0, c7x);
            c7y = S.MultiplyAdd(v, b1, c7y);
            v = S.Set(a2[two]);
            c8x = S.MultiplyAdd(v, b0, c8x);
            c8y = S.MultiplyAdd(v, b1, c8y);
            a2 += step;
            v = S.Set(*a3);
            c9x = S.MultiplyAdd(v, b0, c9x);
            c9y = S.MultiplyAdd(v, b1, c9y);
            v = S.Set(a3[stride]);
            c10x = S.MultiplyAdd(v, b0, c10x);
            c10y = S.MultiplyAdd(v, b1, c10y);
            v = S.Set(a3[two]);
            c11x = S.MultiplyAdd(v, b0, c11x);
            c11y = S.MultiplyAdd(v, b1, c11y);
            a3 += step;
            b += 2 * w;
        }

        S.Store(c, c0x);
        S.Store(c + w, c0y);
        c += ldc;
        S.Store(c, c1x);
        S.Store(c + w, c1y);
        c += ldc;
        S.Store(c, c2x);
        S.Store(c + w, c2y);
        c += ldc;
        S.Store(c, c3x);
        S.Store(c + w, c3y);
        c += ldc;
        S.Store(c, c4x);
        S.Store(c + w, c4y);
        c += ldc;
        S.Store(c, c5x);
        S.Store(c + w, c5y);
        c += ldc;
        S.Store(c, c6x);
        S.Store(c + w, c6y);
        c += ldc;
        S.Store(c, c7x);
        S.Store(c + w, c7y);
        c += ldc;
        S.Store(c, c8x);
        S.Store(c + w, c8y);
        c += ldc;
        S.Store(c, c9x);
        S.Store(c + w, c9y);
        c += ldc;
        S.Store(c, c10x);
        S.Store(c + w, c10y);
        c += ldc;
        S.Store(c, c11x);
        S.Store(c + w, c11y);
    }

    /// <summary>A tile of six rows by the first vector of a panel whose second vector holds no column.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void One<S, V>(in Operands o, float* c, nint ldc, bool accumulate)
        where S : struct, ISimd<V> where V : struct
    {
        float* a0 = o.A0, a1 = o.A1, a2 = o.A2, a3 = o.A3, a4 = o.A4, a5 = o.A5, b = o.B;
        nint step = o.Step, end = step * o.K;
        V c0 = default, c1 = default, c2 = default, c3 = default, c4 = default, c5 = default;
        if (accumulate)
        {
            c0 = S.Load(c);
            c1 = S.Load(c + ldc);
            c2 = S.Load(c + 2 * ldc);
            c3 = S.Load(c + 3 * ldc);
            c4 = S.Load(c + 4 * ldc);
            c5 = S.Load(c + 5 * ldc);
        }

        for (nint i = 0; i < end; i += step)
        {
            V b0 = S.Load(b);
            c0 = S.MultiplyAdd(S.Set(a0[i]), b0, c0);
            c1 = S.MultiplyAdd(S.Set(a1[i]), b0, c1);
            c2 = S.MultiplyAdd(S.Set(a2[i]), b0, c2);
            c3 = S.MultiplyAdd(S.Set(a3[i]), b0, c3);
            c4 = S.MultiplyAdd(S.Set(a4[i]), b0, c4);
            c5 = S.MultiplyAdd(S.Set(a5[i]), b0, c5);
            b += 2 * S.Width;
        }

        S.Store(c, c0);
        S.Store(c + ldc, c1);
        S.Store(c + 2 * ldc, c2);
        S.Store(c + 3 * ldc, c3);
        S.Store(c + 4 * ldc, c4);
        S.Store(c + 5 * ldc, c5);
    }

    /// <summary>The operands of a tile: six rows of the left one and a panel of the right one.</summary>
    public struct Operands
    {
        public float* A0, A1, A2, A3, A4, A5, B;
        public nint Step;
        public int K;
    }
}
