using System.Runtime.CompilerServices;

namespace PocketSam.Kernels;

/// <summary>
/// The innermost loop of the matrix product: a tile of six rows by one or two vectors of C stays in registers while k
/// runs. Row r of the left operand is <c>a_r[k * step]</c>, each element broadcast; row k of the panel is
/// <c>b[k * width of the panel]</c>.
/// </summary>
internal static unsafe class GemmTile
{
    public const int Rows = 6;

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

    /// <summary>The same for the first vector of a panel, where the second holds no column.</summary>
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

    /// <summary>Where a tile reads: six rows of the left operand and a panel of the right one.</summary>
    public struct Operands
    {
        public float* A0, A1, A2, A3, A4, A5, B;
        public nint Step;
        public int K;
    }
}
