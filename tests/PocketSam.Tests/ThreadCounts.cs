using PocketSam.Kernels;

namespace PocketSam.Tests;

/// <summary>
/// Tests that need several threads: they run by themselves, after all others, which leave them no helper.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ThreadCounts
{
    public const string Name = "Thread counts";

    /// <summary>The results of <paramref name="compute"/> are the same bits for 1, 2 and 8 threads.</summary>
    public static void AssertSameBits(Func<float[]> compute, string what)
    {
        float[]? expected = null;
        foreach (int count in new[] { 1, 2, 8, 2 })
        {
            float[] actual = With(count, compute);
            expected ??= actual;
            Assert.DoesNotContain(float.NaN, actual);
            Assert.Contains(actual, v => v != 0);
            Assert.True(Bits(expected).SequenceEqual(Bits(actual)), $"{what}: other bits with {count} threads");
        }
    }

    /// <summary>Runs something with that many threads.</summary>
    public static T With<T>(int count, Func<T> compute)
    {
        using (Workers.Limit(count))
            return compute();
    }

    private static int[] Bits(float[] values) => Array.ConvertAll(values, BitConverter.SingleToInt32Bits);
}
