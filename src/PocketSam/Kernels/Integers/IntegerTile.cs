using System.Runtime.CompilerServices;

namespace PocketSam.Kernels.Integers;

/// <summary>The innermost loop of products of whole numbers: six rows by two vectors of sums stay in registers while k runs.</summary>
internal static unsafe class IntegerTile
{
    public const int Rows = 6;

    /// <summary>Computes a tile and writes it as floats.</summary>
    /// <param name="left">The rows, <paramref name="steps"/> times four bytes each.</param>
    /// <param name="rows">How many, 1 to 6.</param>
    /// <param name="steps">Groups of k.</param>
    /// <param name="panel">The right operand: for each group two vectors.</param>
    /// <param name="o">Where to write, and what the sums become.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<I, V>(int* left, int rows, int steps, int* panel, in Output o) where I : struct, IIntegerSimd<V> where V : struct
    {
        int* a0 = left, a1 = rows > 1 ? left + steps : a0, a2 = rows > 2 ? left + 2 * (nint)steps : a0;
        int* a3 = rows > 3 ? left + 3 * (nint)steps : a0, a4 = rows > 4 ? left + 4 * (nint)steps : a0;
        int* a5 = rows > 5 ? left + 5 * (nint)steps : a0;
        V s00 = default, s01 = default, s10 = default, s11 = default, s20 = default, s21 = default;
        V s30 = default, s31 = default, s40 = default, s41 = default, s50 = default, s51 = default;
        for (nint i = 0; i < steps; i++)
        {
            V b0 = I.Load(panel), b1 = I.Load(panel + I.Width);
            panel += 2 * I.Width;
            V a = I.Broadcast(a0 + i);
            s00 = I.MultiplyAdd(s00, a, b0);
            s01 = I.MultiplyAdd(s01, a, b1);
            a = I.Broadcast(a1 + i);
            s10 = I.MultiplyAdd(s10, a, b0);
            s11 = I.MultiplyAdd(s11, a, b1);
            a = I.Broadcast(a2 + i);
            s20 = I.MultiplyAdd(s20, a, b0);
            s21 = I.MultiplyAdd(s21, a, b1);
            a = I.Broadcast(a3 + i);
            s30 = I.MultiplyAdd(s30, a, b0);
            s31 = I.MultiplyAdd(s31, a, b1);
            a = I.Broadcast(a4 + i);
            s40 = I.MultiplyAdd(s40, a, b0);
            s41 = I.MultiplyAdd(s41, a, b1);
            a = I.Broadcast(a5 + i);
            s50 = I.MultiplyAdd(s50, a, b0);
            s51 = I.MultiplyAdd(s51, a, b1);
        }

        Store<I, V>(o, 0, s00, s01);
        if (rows > 1)
            Store<I, V>(o, 1, s10, s11);
        if (rows > 2)
            Store<I, V>(o, 2, s20, s21);
        if (rows > 3)
            Store<I, V>(o, 3, s30, s31);
        if (rows > 4)
            Store<I, V>(o, 4, s40, s41);
        if (rows > 5)
            Store<I, V>(o, 5, s50, s51);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<I, V>(in Output o, int row, V first, V second) where I : struct, IIntegerSimd<V> where V : struct
    {
        float* c = o.C + row * o.Ldc;
        I.Store(c, first, o.Zeros[row], o.ColumnSums, o.Scales[row], o.ColumnScales, o.Accumulate);
        I.Store(c + I.Width, second, o.Zeros[row], o.ColumnSums + I.Width, o.Scales[row], o.ColumnScales + I.Width, o.Accumulate);
    }

    /// <summary>Where a tile's floats go.</summary>
    public struct Output
    {
        public float* C;
        public nint Ldc;

        /// <summary>Zero and scale of each row.</summary>
        public int* Zeros;
        public float* Scales;

        /// <summary>Sum and scale of each column's numbers.</summary>
        public int* ColumnSums;
        public float* ColumnScales;

        /// <summary>Whether to add to C.</summary>
        public bool Accumulate;
    }
}
