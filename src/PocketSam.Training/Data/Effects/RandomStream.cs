using System.Numerics;

namespace PocketSam.Training.Data.Effects;

/// <summary>
/// xoshiro256** (Blackman and Vigna) seeded through splitmix64: the same numbers from a seed on every machine and every
/// version of .NET, which <see cref="Random"/> does not promise. Not for several threads at once.
/// </summary>
internal sealed class RandomStream
{
    // 2^64 over the golden ratio: splitmix64's step.
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

    /// <summary>
    /// Between low and high with the logarithm uniform: as many draws from 1 to 2 as from 2 to 4. Both limits positive.
    /// </summary>
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

    /// <summary>
    /// A whole number in <c>[0, count)</c>; the bias of at most <c>count / 2^32</c> does not matter here.
    /// </summary>
    public int Below(int count) => (int)((NextBits() >> 32) * (ulong)count >> 32);

    /// <summary>A whole number in <c>[low, high]</c>.</summary>
    public int Between(int low, int high) => low + Below(high - low + 1);

    /// <summary>True with the given probability.</summary>
    public bool Chance(float probability) => NextFloat() < probability;

    /// <summary>Mean 0, variance 1, nearly normal: a sum of four uniforms, so never past 3.5.</summary>
    public float Normal()
    {
        ulong bits = NextBits();
        int sum = (int)(bits & 0xFFFF) + (int)(bits >> 16 & 0xFFFF) + (int)(bits >> 32 & 0xFFFF) + (int)(bits >> 48);
        return (sum - 2 * 65535) * (1.7320508f / 65536f);
    }

    /// <summary>One of the items.</summary>
    public T Pick<T>(ReadOnlySpan<T> items) => items[Below(items.Length)];

    /// <summary>An index, each as likely as its weight says.</summary>
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

    /// <summary>The number splitmix64 gives after state <paramref name="z"/>: neighbouring states give unrelated ones.</summary>
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
