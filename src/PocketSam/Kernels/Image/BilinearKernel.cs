using System.Runtime.CompilerServices;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Kernels.Image;

/// <summary>Resizes parts of logit maps bilinearly, to floats or to one bit a pixel, on the calling thread.</summary>
internal static unsafe class BilinearKernel
{
    private const int BitsPerWord = 64;

    /// <summary>A part of a map of floats.</summary>
    /// <param name="Address">Address of the part's first value.</param>
    /// <param name="X">Column of the part's first value in the whole map.</param>
    /// <param name="Y">Row of the part's first value in the whole map.</param>
    /// <param name="Stride">Floats from one row to the next.</param>
    public readonly record struct Part(nint Address, int X, int Y, int Stride)
    {
        /// <summary>The address of column 0 of a row of the whole map.</summary>
        public float* Row(int y) => (float*)Address + (nint)(y - Y) * Stride - X;
    }

    /// <summary>Computes columns [left, right) of rows [top, bottom) of the resized map.</summary>
    /// <param name="low">The source values, at least all that the range needs.</param>
    /// <param name="columns">Taps along a row.</param>
    /// <param name="rows">Taps along a column.</param>
    /// <param name="left">First column.</param>
    /// <param name="right">End column, exclusive.</param>
    /// <param name="top">First row.</param>
    /// <param name="bottom">End row, exclusive.</param>
    /// <param name="target"><c>[bottom - top, right - left]</c></param>
    public static void Resize(
        Part low, BilinearTaps columns, BilinearTaps rows, int left, int right, int top, int bottom, float* target)
    {
        int width = right - left;
        var kept = new Kept(Scratch.Get(Scratch.Slot.Tile, 2 * width), width);
        for (int y = top; y < bottom; y++, target += width)
            Blend(low, columns, rows, left, right, y, 0, ref kept, target);
    }

    /// <summary>Computes one bit for each value of the same range: whether it is above a threshold.</summary>
    /// <param name="low">The source values, at least all that the range needs.</param>
    /// <param name="columns">Taps along a row.</param>
    /// <param name="rows">Taps along a column.</param>
    /// <param name="left">First column.</param>
    /// <param name="right">End column, exclusive.</param>
    /// <param name="top">First row.</param>
    /// <param name="bottom">End row, exclusive.</param>
    /// <param name="bits">The bits; each row starts at a new word.</param>
    /// <param name="threshold">The threshold.</param>
    /// <param name="margin">Distance from the threshold for the counts.</param>
    /// <returns>The number of values above threshold + margin, and above threshold - margin.</returns>
    public static (long Sure, long Possible) Threshold(
        Part low, BilinearTaps columns, BilinearTaps rows, int left, int right, int top, int bottom, ulong* bits, float threshold,
        float margin)
    {
        int width = right - left, words = (width + BitsPerWord - 1) / BitsPerWord, padded = words * BitsPerWord;
        float* memory = Scratch.Get(Scratch.Slot.Tile, 2 * width + padded + 16);
        var kept = new Kept(memory, width);
        float* row = memory + 2 * width;
        new Span<float>(row + width, padded - width).Fill(float.NegativeInfinity);
        long sure = 0, possible = 0;
        for (int y = top; y < bottom; y++, bits += words)
        {
            Blend(low, columns, rows, left, right, y, threshold, ref kept, row);
            UpsampleKernel.Pack(row, words, bits, margin, ref sure, ref possible);
        }

        return (sure, possible);
    }

    private static void Blend(
        Part low, BilinearTaps columns, BilinearTaps rows, int left, int right, int y, float offset, ref Kept kept, float* target)
    {
        float* first = kept.Row(low, rows.First[y], columns, left, right), second = kept.Row(low, rows.Second[y], columns, left, right);
        Simd.Run(new WeightedSum { A = first, B = second, Weight = rows.Weights[y], Offset = offset, Target = target, Count = right - left });
    }

    /// <summary>The two source rows that were widened last.</summary>
    private struct Kept(float* memory, int width)
    {
        private int _even = -1, _odd = -1;

        /// <summary>A source row at the target's width; neighbouring rows are both kept.</summary>
        public float* Row(Part low, int y, BilinearTaps columns, int left, int right)
        {
            bool isOdd = y % 2 != 0;
            float* row = memory + (isOdd ? width : 0);
            if ((isOdd ? _odd : _even) == y)
                return row;
            Widen(low.Row(y), columns, left, right, row);
            if (isOdd)
                _odd = y;
            else
                _even = y;
            return row;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Widen(float* low, BilinearTaps columns, int left, int right, float* target)
    {
        fixed (int* first = columns.First, second = columns.Second)
        fixed (float* weights = columns.Weights)
        {
            for (int x = left; x < right; x++)
                target[x - left] = (1f - weights[x]) * low[first[x]] + weights[x] * low[second[x]];
        }
    }

    /// <summary>target = (1 - weight) A + weight B - offset</summary>
    private struct WeightedSum : ISimdKernel
    {
        public float* A, B, Target;
        public float Weight, Offset;
        public int Count;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<S, V>() where S : struct, ISimd<V> where V : struct
        {
            V first = S.Set(1f - Weight), second = S.Set(Weight), offset = S.Set(Offset);
            int i = 0;
            for (; i + S.Width <= Count; i += S.Width)
            {
                V sum = S.Add(S.Multiply(first, S.Load(A + i)), S.Multiply(second, S.Load(B + i)));
                S.Store(Target + i, S.Subtract(sum, offset));
            }

            for (; i < Count; i++)
                Target[i] = (1f - Weight) * A[i] + Weight * B[i] - Offset;
        }
    }
}
