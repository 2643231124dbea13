using System.Runtime.CompilerServices;
using PocketSam.Kernels.Integers;

namespace PocketSam.Training.Benchmarks;

/// <summary>
/// Measures the peak of 8-bit integer operations per second that this machine currently reaches, with the instructions
/// that quantised models use: twelve independent sums in registers. A multiply-add counts as two operations.
/// </summary>
internal static unsafe class IntegerPeak
{
    private const int Chains = 12;

    private const int Iterations = 1_000_000;

    /// <summary>10^9 operations per second of <paramref name="threads"/> threads together.</summary>
    public static double Measure(int threads)
    {
        int values = 0;
        IntegerForm.Run(new Describe { Values = &values }, isNarrow: true);
        return PeakRuns.Measure(threads, 2.0 * Chains * values * Iterations, () => IntegerForm.Run(new Loop(), isNarrow: true));
    }

    /// <summary>Finds the number of multiply-adds of one instruction.</summary>
    private struct Describe : IIntegerKernel
    {
        public int* Values;

        public readonly void Run<L, P, V>() where L : struct, IIntegerLanes<V> where P : struct, IIntegerProducts<V> where V : struct
            => *Values = L.Width * P.Group;
    }

    private struct Loop : IIntegerKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        public readonly void Run<L, P, V>() where L : struct, IIntegerLanes<V> where P : struct, IIntegerProducts<V> where V : struct
        {
            int one = 0x01010101;
            V b = L.Broadcast(&one), a = b;

            // Each chain multiplies its own sum, so that the compiler finds no common expression.
            V c0 = a, c1 = a, c2 = a, c3 = a, c4 = a, c5 = a, c6 = a, c7 = a, c8 = a, c9 = a, c10 = a, c11 = a;
            for (int i = Iterations; i > 0; i--)
            {
                c0 = P.MultiplyAdd(c0, c0, b);
                c1 = P.MultiplyAdd(c1, c1, b);
                c2 = P.MultiplyAdd(c2, c2, b);
                c3 = P.MultiplyAdd(c3, c3, b);
                c4 = P.MultiplyAdd(c4, c4, b);
                c5 = P.MultiplyAdd(c5, c5, b);
                c6 = P.MultiplyAdd(c6, c6, b);
                c7 = P.MultiplyAdd(c7, c7, b);
                c8 = P.MultiplyAdd(c8, c8, b);
                c9 = P.MultiplyAdd(c9, c9, b);
                c10 = P.MultiplyAdd(c10, c10, b);
                c11 = P.MultiplyAdd(c11, c11, b);
            }

            // No call may come before this line: values alive across a call would be kept in memory.
            c0 = P.MultiplyAdd(P.MultiplyAdd(c0, c1, c2), c3, c4);
            c5 = P.MultiplyAdd(P.MultiplyAdd(c5, c6, c7), c8, c9);
            int* sums = stackalloc int[16];
            float* scales = stackalloc float[16], result = stackalloc float[16];
            L.Store(result, P.MultiplyAdd(P.MultiplyAdd(c0, c5, c10), c11, c11), 0, sums, 1, scales, accumulate: false);
            GC.KeepAlive(result[0]);
        }
    }
}
