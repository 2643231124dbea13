using System.Diagnostics;
using System.Runtime.CompilerServices;
using PocketSam.Kernels.Integers;

namespace PocketSam.Training.Benchmarks;

/// <summary>
/// The most multiply-adds of 8-bit numbers a second that this machine reaches at this moment, in the form that quantised models compute
/// with: twelve independent sums in registers, nothing else. As operations: two for a multiply-add.
/// </summary>
internal static unsafe class IntegerPeak
{
    private const int Chains = 12;

    /// <summary>10^9 operations a second of <paramref name="threads"/> threads at once: the median of several short runs.</summary>
    public static double Measure(int threads)
    {
        const int Iterations = 1_000_000;
        double[] rates = new double[9];
        for (int i = 0; i < rates.Length; i++)
        {
            // All begin together, so that each has what it gets beside the others.
            var barrier = new Barrier(threads);
            double[] seconds = new double[threads];
            double[] values = new double[threads];
            Thread[] others = [.. Enumerable.Range(1, threads - 1).Select(t => new Thread(() => seconds[t] = Time(barrier, Iterations, out values[t])))];
            foreach (Thread thread in others)
                thread.Start();
            seconds[0] = Time(barrier, Iterations, out values[0]);
            foreach (Thread thread in others)
                thread.Join();
            rates[i] = Enumerable.Range(0, threads).Sum(t => 2 * Chains * values[t] * Iterations / seconds[t] / 1e9);
        }

        Array.Sort(rates);
        return rates[rates.Length / 2];
    }

    private static double Time(Barrier barrier, int iterations, out double values)
    {
        double perInstruction = 0;
        barrier.SignalAndWait();
        long start = Stopwatch.GetTimestamp();
        IntegerForm.Run(new Loop { Iterations = iterations, Values = &perInstruction }, isNarrow: true);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        values = perInstruction;
        return seconds;
    }

    private struct Loop : IIntegerKernel
    {
        public int Iterations;

        /// <summary>Multiply-adds of one instruction's worth.</summary>
        public double* Values;

        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        public readonly void Run<I, V>() where I : struct, IIntegerSimd<V> where V : struct
        {
            *Values = I.Width * I.Group;
            int one = 0x01010101;
            V b = I.Broadcast(&one), a = b;

            // Each chain multiplies its own sum: what they shared would be computed once.
            V c0 = a, c1 = a, c2 = a, c3 = a, c4 = a, c5 = a, c6 = a, c7 = a, c8 = a, c9 = a, c10 = a, c11 = a;
            for (int i = Iterations; i > 0; i--)
            {
                c0 = I.MultiplyAdd(c0, c0, b);
                c1 = I.MultiplyAdd(c1, c1, b);
                c2 = I.MultiplyAdd(c2, c2, b);
                c3 = I.MultiplyAdd(c3, c3, b);
                c4 = I.MultiplyAdd(c4, c4, b);
                c5 = I.MultiplyAdd(c5, c5, b);
                c6 = I.MultiplyAdd(c6, c6, b);
                c7 = I.MultiplyAdd(c7, c7, b);
                c8 = I.MultiplyAdd(c8, c8, b);
                c9 = I.MultiplyAdd(c9, c9, b);
                c10 = I.MultiplyAdd(c10, c10, b);
                c11 = I.MultiplyAdd(c11, c11, b);
            }

            // No call before this: what is alive across one would be kept in memory.
            c0 = I.MultiplyAdd(I.MultiplyAdd(c0, c1, c2), c3, c4);
            c5 = I.MultiplyAdd(I.MultiplyAdd(c5, c6, c7), c8, c9);
            int* sums = stackalloc int[16];
            float* scales = stackalloc float[16], result = stackalloc float[16];
            I.Store(result, I.MultiplyAdd(I.MultiplyAdd(c0, c5, c10), c11, c11), 0, sums, 1, scales, accumulate: false);
            GC.KeepAlive(result[0]);
        }
    }
}
