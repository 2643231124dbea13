using System.Runtime.CompilerServices;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Training.Benchmarks;

/// <summary>
/// Measures the peak of floating-point operations per second that this machine currently reaches: twelve independent
/// chains of multiply-adds in registers. Speeds are reported as fractions of it.
/// </summary>
internal static class FmaPeak
{
    private const int Chains = 12;

    private const int Iterations = 2_000_000;

    /// <summary>GFLOP/s of <paramref name="threads"/> threads together.</summary>
    public static double Measure(int threads)
        => PeakRuns.Measure(threads, 2.0 * Chains * Simd.Width * Iterations, () => Simd.Run(new Loop()));

    private struct Loop : ISimdKernel
    {
        // Contains only the loop: with a call in the method the chains would not stay in registers.
        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        public readonly void Run<S, V>() where S : struct, ISimd<V> where V : struct
        {
            V a = S.Set(0.999f), b = S.Set(0.001f);
            V c0 = a, c1 = a, c2 = a, c3 = a, c4 = a, c5 = a, c6 = a, c7 = a, c8 = a, c9 = a, c10 = a, c11 = a;
            for (int i = Iterations; i > 0; i--)
            {
                c0 = S.MultiplyAdd(c0, a, b);
                c1 = S.MultiplyAdd(c1, a, b);
                c2 = S.MultiplyAdd(c2, a, b);
                c3 = S.MultiplyAdd(c3, a, b);
                c4 = S.MultiplyAdd(c4, a, b);
                c5 = S.MultiplyAdd(c5, a, b);
                c6 = S.MultiplyAdd(c6, a, b);
                c7 = S.MultiplyAdd(c7, a, b);
                c8 = S.MultiplyAdd(c8, a, b);
                c9 = S.MultiplyAdd(c9, a, b);
                c10 = S.MultiplyAdd(c10, a, b);
                c11 = S.MultiplyAdd(c11, a, b);
            }

            V all = S.Add(S.Add(S.Add(c0, c1), S.Add(c2, c3)), S.Add(S.Add(c4, c5), S.Add(c6, c7)));
            Keep(S.Sum(S.Add(all, S.Add(S.Add(c8, c9), S.Add(c10, c11)))));
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private static void Keep(float value) => GC.KeepAlive(value);
    }
}
