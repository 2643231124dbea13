using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Kernels.Image;

/// <summary>
/// Enlarges mask logits to the size of a picture and keeps one bit a pixel: whether the logit is above zero. Only a few
/// rows of floats exist at a time.
/// </summary>
internal static unsafe class UpsampleKernel
{
    private const int BitsPerWord = 64;

    /// <summary>Computes rows [start, end) and columns [columnStart, columnEnd) of the picture.</summary>
    /// <param name="low">Logits, <paramref name="lowWidth"/> in a row.</param>
    /// <param name="lowWidth">Values in a row of the logits.</param>
    /// <param name="columns">Taps along a row of the picture.</param>
    /// <param name="rows">Taps along a column of the picture.</param>
    /// <param name="start">First row.</param>
    /// <param name="end">End row, exclusive.</param>
    /// <param name="columnStart">First column.</param>
    /// <param name="columnEnd">End column, exclusive.</param>
    /// <param name="bits">Bits of the range; each row starts at a new word.</param>
    /// <param name="margin">Distance from zero for the counts.</param>
    /// <returns>The number of pixels with a logit above the margin, and above minus the margin.</returns>
    public static (long Sure, long Possible) Threshold(
        float* low, int lowWidth, UpsampleTaps columns, UpsampleTaps rows, int start, int end, int columnStart,
        int columnEnd, ulong* bits, float margin)
    {
        int width = columnEnd - columnStart, words = (width + BitsPerWord - 1) / BitsPerWord;
        nint stride = (nint)words * BitsPerWord;
        float* kept = Scratch.Get(Scratch.Slot.Rows, (UpsampleTaps.Taps + 1) * stride);
        float* row = kept + UpsampleTaps.Taps * stride;
        new Span<float>(row + width, (int)stride - width).Fill(float.NegativeInfinity);

        long sure = 0, possible = 0;
        int next = rows.First[start];
        for (int y = start; y < end; y++)
        {
            int first = rows.First[y];
            for (next = Math.Max(next, first); next < first + UpsampleTaps.Taps; next++)
            {
                Widen(
                    low + (nint)next * lowWidth, columns, columnStart, columnEnd, kept + next % UpsampleTaps.Taps * stride);
            }

            Simd.Run(new WeightedSum
            {
                A = kept + first % UpsampleTaps.Taps * stride,
                B = kept + (first + 1) % UpsampleTaps.Taps * stride,
                C = kept + (first + 2) % UpsampleTaps.Taps * stride,
                WeightA = rows.Weights[y * UpsampleTaps.Taps],
                WeightB = rows.Weights[y * UpsampleTaps.Taps + 1],
                WeightC = rows.Weights[y * UpsampleTaps.Taps + 2],
                Target = row,
                Count = width,
            });
            Pack(row, words, bits + (nint)(y - start) * words, margin, ref sure, ref possible);
        }

        return (sure, possible);
    }

    /// <summary>Widens a row of logits to the picture's width.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Widen(float* low, UpsampleTaps columns, int start, int end, float* target)
    {
        int[] first = columns.First;
        fixed (float* weights = columns.Weights)
        {
            float* w = weights + start * UpsampleTaps.Taps;
            for (int x = start; x < end; x++, w += UpsampleTaps.Taps)
            {
                float* v = low + first[x];
                target[x - start] = w[0] * v[0] + w[1] * v[1] + w[2] * v[2];
            }
        }
    }

    /// <summary>Compares a row that is padded to whole words with zero, and adds to the counts.</summary>
    /// <param name="row">The values.</param>
    /// <param name="words">Number of words of 64 values.</param>
    /// <param name="bits">Receives whether each value is above zero.</param>
    /// <param name="margin">Distance from zero for the counts.</param>
    /// <param name="sure">Number of values above the margin, added to.</param>
    /// <param name="possible">Number of values above minus the margin, added to.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(float* row, int words, ulong* bits, float margin, ref long sure, ref long possible)
    {
        Vector512<float> above = Vector512.Create(margin), below = Vector512.Create(-margin);
        for (int i = 0; i < words; i++, row += BitsPerWord)
        {
            ulong word = 0;
            for (int lane = 0; lane < BitsPerWord; lane += Vector512<float>.Count)
            {
                Vector512<float> v = Vector512.Load(row + lane);
                word |= Vector512.GreaterThan(v, Vector512<float>.Zero).ExtractMostSignificantBits() << lane;
                sure += BitOperations.PopCount(Vector512.GreaterThan(v, above).ExtractMostSignificantBits());
                possible += BitOperations.PopCount(Vector512.GreaterThan(v, below).ExtractMostSignificantBits());
            }

            bits[i] = word;
        }
    }

    /// <summary>target = a A + b B + c C</summary>
    private struct WeightedSum : ISimdKernel
    {
        public float* A, B, C, Target;
        public float WeightA, WeightB, WeightC;
        public int Count;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<S, V>() where S : struct, ISimd<V> where V : struct
        {
            V a = S.Set(WeightA), b = S.Set(WeightB), c = S.Set(WeightC);
            int i = 0;
            for (; i + S.Width <= Count; i += S.Width)
            {
                V sum = S.Multiply(S.Load(A + i), a);
                sum = S.MultiplyAdd(S.Load(B + i), b, sum);
                S.Store(Target + i, S.MultiplyAdd(S.Load(C + i), c, sum));
            }

            for (; i < Count; i++)
            {
                float sum = A[i] * WeightA;
                sum = float.MultiplyAddEstimate(B[i], WeightB, sum);
                Target[i] = float.MultiplyAddEstimate(C[i], WeightC, sum);
            }
        }
    }
}
