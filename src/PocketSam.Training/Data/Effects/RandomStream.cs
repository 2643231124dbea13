using System.Numerics;

namespace PocketSam.Training.Data.Effects;

/// <summary>
/// xoshiro256** (Blackman and Vigna) seeded through splitmix64: a seed gives the same numbers on every machine and with
/// every version of .NET, which <see cref="Random"/> does not guarantee. Not thread-safe.
/// </summary>
internal sealed class RandomStream
{
    // 2^64 divided by the golden ratio: the increment of splitmix64.
    private const ulong Golden = 0x9E3779B97F4A7C15;

    private ulong _s0, _s1, _s2, _s3;

    public RandomStream(ulong seed)
    {
        _s0 = SplitMix(ref seed);
        _s1 = SplitMix(ref seed);
        _s2 = SplitMix(ref seed);
        _s3 = SplitMix(ref seed);
    }

    /// <summary>64 random bits.</summary>
    public ulong NextBits()
    {
        ulong result = BitOperations.RotateLeft(_s1 * 5, 7) * 9;
        ulong shifted = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= shifted;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>Uniform in <c>[0, 1)</c>.</summary>
    public float NextFloat() => (NextBits() >> 40) * (1f / (1 << 24));

    /// <summary>Uniform in <c>[low, high)</c>.</summary>
    public float Uniform(float low, float high) => low + (high - low) * NextFloat();

    /// <summary>Log-uniform between low and high, both positive: as many draws from 1 to 2 as from 2 to 4.</summary>
    public float LogUniform(float low, float high)
        => (float)(low * PortableMath.Exp(PortableMath.Log(high / low) * NextFloat()));

    /// <summary>Density proportional to <c>x^-exponent</c> between low and high, both positive.</summary>
    public float PowerLaw(float low, float high, float exponent)
    {
        double rest = 1.0 - exponent;
        if (Math.Abs(rest) < 1e-4)
            return LogUniform(low, high);

        double atLow = PortableMath.Pow(low, rest);
        double atHigh = PortableMath.Pow(high, rest);
        return (float)PortableMath.Pow(atLow + (atHigh - atLow) * NextFloat(), 1.0 / rest);
    }

    /// <summary>An integer in <c>[0, count)</c>; its bias of at most <c>count / 2^32</c> is negligible here.</summary>
    public int Below(int count) => (int)((NextBits() >> 32) * (ulong)count >> 32);

    /// <summary>An integer in <c>[low, high]</c>.</summary>
    public int Between(int low, int high) => low + Below(high - low + 1);

    /// <summary>True with the given probability.</summary>
    public bool Chance(float probability) => NextFloat() < probability;

    /// <summary>
    /// Approximately normal with mean 0 and variance 1: a sum of four uniforms, so its magnitude stays below 3.5.
    /// </summary>
    public float Normal()
    {
        ulong bits = NextBits();
        int sum = (int)(bits & 0xFFFF) + (int)(bits >> 16 & 0xFFFF) + (int)(bits >> 32 & 0xFFFF) + (int)(bits >> 48);
        return (sum - 2 * 65535) * (1.7320508f / 65536f);
    }

    /// <summary>A random item.</summary>
    public T Pick<T>(ReadOnlySpan<T> items) => items[Below(items.Length)];

    /// <summary>A random index, with probabilities proportional to the weights.</summary>
    public int PickWeighted(ReadOnlySpan<float> weights)
    {
        float total = 0;
        foreach (float weight in weights)
            total += weight;

        float rest = NextFloat() * total;
        for (int i = 0; i < weights.Length - 1; i++)
        {
            rest -= weights[i];
            if (rest < 0)
                return i;
        }

        return weights.Length - 1;
    }

    /// <summary>
    /// The number that splitmix64 gives after state <paramref name="z"/>; neighbouring states give unrelated numbers.
    /// </summary>
    public static ulong Scramble(ulong z)
    {
        z += Golden;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
        z = (z ^ z >> 27) * 0x94D049BB133111EB;
        return z ^ z >> 31;
    }

    private static ulong SplitMix(ref ulong state)
    {
        ulong number = Scramble(state);
        state += Golden;
        return number;
    }
}
