using System.Runtime.CompilerServices;

namespace PocketSam.Kernels.Integers;

/// <summary>
/// The innermost loop of integer products: a tile of six rows by two vectors of sums stays in registers while k runs.
/// </summary>
internal static unsafe class IntegerTile
{
    public const int Rows = 6;

    /// <summary>Computes a tile and writes it as floats.</summary>
    /// <param name="left">The rows, contiguous, <paramref name="steps"/> lanes of four bytes each.</param>
    /// <param name="rows">Number of rows, 1 to 6.</param>
    /// <param name="steps">Lanes of four bytes along k.</param>
    /// <param name="panel">The right operand: two vectors for each step.</param>
    /// <param name="o">Where the result goes, and how sums become floats.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<L, P, V>(int* left, int rows, int steps, int* panel, in Output o)
        where L : struct, IIntegerLanes<V> where P : struct, IIntegerProducts<V> where V : struct
    {
        int* a0 = left, a1 = rows > 1 ? left + steps : a0, a2 = rows > 2 ? left + 2 * (nint)steps : a0;
        int* a3 = rows > 3 ? left + 3 * (nint)steps : a0, a4 = rows > 4 ? left + 4 * (nint)steps : a0;
        int* a5 = rows > 5 ? left + 5 * (nint)steps : a0;
        V s00 = default, s01 = default, s10 = default, s11 = default, s20 = default, s21 = default;
        V s30 = default, s31 = default, s40 = default, s41 = default, s50 = default, s51 = default;
        for (nint i = 0; i < steps; i++)
        {
            V b0 = L.Load(panel), b1 = L.Load(panel + L.Width);
            panel += 2 * L.Width;
            V a = L.Broadcast(a0 + i);
            s00 = P.MultiplyAdd(s00, a, b0);
            s01 = P.MultiplyAdd(s01, a, b1);
            a = L.Broadcast(a1 + i);
            s10 = P.MultiplyAdd(s10, a, b0);
            s11 = P.MultiplyAdd(s11, a, b1);
            a = L.Broadcast(a2 + i);
            s20 = P.MultiplyAdd(s20, a, b0);
            s21 = P.MultiplyAdd(s21, a, b1);
            a = L.Broadcast(a3 + i);
            s30 = P.MultiplyAdd(s30, a, b0);
            s31 = P.MultiplyAdd(s31, a, b1);
            a = L.Broadcast(a4 + i);
            s40 = P.MultiplyAdd(s40, a, b0);
            s41 = P.MultiplyAdd(s41, a, b1);
            a = L.Broadcast(a5 + i);
            s50 = P.MultiplyAdd(s50, a, b0);
            s51 = P.MultiplyAdd(s51, a, b1);
        }

        Store<L, V>(o, 0, s00, s01);
        if (rows > 1)
            Store<L, V>(o, 1, s10, s11);
        if (rows > 2)
            Store<L, V>(o, 2, s20, s21);
        if (rows > 3)
            Store<L, V>(o, 3, s30, s31);
        if (rows > 4)
            Store<L, V>(o, 4, s40, s41);
        if (rows > 5)
            Store<L, V>(o, 5, s50, s51);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<L, V>(in Output o, int row, V first, V second) where L : struct, IIntegerLanes<V> where V : struct
    {
        float* c = o.C + row * o.Ldc;
        L.Store(c, first, o.Zeros[row], o.ColumnSums, o.Scales[row], o.ColumnScales, o.Accumulate);
        L.Store(c + L.Width, second, o.Zeros[row], o.ColumnSums + L.Width, o.Scales[row], o.ColumnScales + L.Width, o.Accumulate);
    }

    /// <summary>Where a tile's floats go, and how sums become floats.</summary>
    public struct Output
    {
        public float* C;
        public nint Ldc;

        /// <summary>Zero point and scale of each row.</summary>
        public int* Zeros;
        public float* Scales;

        /// <summary>Sum and scale of each column's weights.</summary>
        public int* ColumnSums;
        public float* ColumnScales;

        /// <summary>Whether to add to C.</summary>
        public bool Accumulate;
    }
}
