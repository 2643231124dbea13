using System.Runtime.CompilerServices;

namespace PocketSam.Kernels.Vectors;

/// <summary>Elementary functions over vectors, each with its error.</summary>
internal static class VectorMath
{
    /// <summary>log2 e, for e^x = 2^(x log2 e)</summary>
    public const float Log2E = 1.44269504f;

    // ln 2 in two parts: the first has few bits, so that n * Ln2High is exact.
    private const float Ln2High = 0.693359375f;
    private const float Ln2Low = -2.12194440e-4f;

    /// <summary>
    /// e^x: x = n ln 2 + r with |r| &lt;= ln 2 / 2, then the Taylor series of e^r up to the seventh power (remainder
    /// 5e-9). Arguments are clamped to [-87, 88], so the result is never zero, infinite or denormal.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Exp<S, V>(V x) where S : struct, ISimd<V> where V : struct
    {
        x = S.Min(S.Max(x, S.Set(-87f)), S.Set(88f));
        V n = S.Round(S.Multiply(x, S.Set(Log2E)));
        V r = S.MultiplyAdd(n, S.Set(-Ln2High), x);
        r = S.MultiplyAdd(n, S.Set(-Ln2Low), r);
        V p = S.Set(1f / 5040);
        p = S.MultiplyAdd(p, r, S.Set(1f / 720));
        p = S.MultiplyAdd(p, r, S.Set(1f / 120));
        p = S.MultiplyAdd(p, r, S.Set(1f / 24));
        p = S.MultiplyAdd(p, r, S.Set(1f / 6));
        p = S.MultiplyAdd(p, r, S.Set(0.5f));
        p = S.MultiplyAdd(p, r, S.Set(1f));
        p = S.MultiplyAdd(p, r, S.Set(1f));
        return S.Multiply(p, S.PowerOfTwo(n));
    }

    /// <summary>
    /// 2^x for x up to 127: x = n + r with |r| &lt;= 1/2, then a minimax polynomial of degree six for 2^r (error 2e-9
    /// before rounding). Arguments below -126 count as -126.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Exp2<S, V>(V x) where S : struct, ISimd<V> where V : struct
    {
        x = S.Max(x, S.Set(-126f));
        V n = S.Round(x), r = S.Subtract(x, n);
        V p = S.Set(1.5345811e-4f);
        p = S.MultiplyAdd(p, r, S.Set(1.3399931e-3f));
        p = S.MultiplyAdd(p, r, S.Set(9.6184891e-3f));
        p = S.MultiplyAdd(p, r, S.Set(5.5503286e-2f));
        p = S.MultiplyAdd(p, r, S.Set(0.24022646f));
        p = S.MultiplyAdd(p, r, S.Set(0.69314718f));
        p = S.MultiplyAdd(p, r, S.Set(1f));
        return S.Multiply(p, S.PowerOfTwo(n));
    }

    /// <summary>
    /// The cumulative normal distribution Phi(x): 1/2 + x P(x^2) / Q(x^2) for |x| up to 6, with P and Q of degree five,
    /// a minimax fit up to 5.68 (error 1.1e-8 before rounding). Beyond 5.68 the quotient overshoots and is clamped, so
    /// that 0 and 1 are exact.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V NormalCdf<S, V>(V x) where S : struct, ISimd<V> where V : struct
    {
        x = S.Min(S.Max(x, S.Set(-6f)), S.Set(6f));
        V u = S.Multiply(x, x);
        V q = S.Set(1.1676540e-6f), p = S.Set(2.1686969e-8f);
        q = S.MultiplyAdd(q, u, S.Set(7.6397904e-5f));
        p = S.MultiplyAdd(p, u, S.Set(6.3682846e-6f));
        q = S.MultiplyAdd(q, u, S.Set(1.9377589e-3f));
        p = S.MultiplyAdd(p, u, S.Set(1.7819949e-4f));
        q = S.MultiplyAdd(q, u, S.Set(2.9192438e-2f));
        p = S.MultiplyAdd(p, u, S.Set(4.7335667e-3f));
        q = S.MultiplyAdd(q, u, S.Set(0.25395033f));
        p = S.MultiplyAdd(p, u, S.Set(3.4821596e-2f));
        q = S.MultiplyAdd(q, u, S.Set(1f));
        p = S.MultiplyAdd(p, u, S.Set(0.3989422f));
        return S.Min(S.Max(S.MultiplyAdd(x, S.Divide(p, q), S.Set(0.5f)), S.Set(0f)), S.Set(1f));
    }

    /// <summary>
    /// The derivative of x Phi(x), Phi(x) + x phi(x): 1/2 + x P(x^2) / Q(x^2) for |x| up to 6, beyond which it is 0 or
    /// 1, with P and Q of degree seven, a minimax fit (error 9.5e-11 before rounding).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V GeluSlope<S, V>(V x) where S : struct, ISimd<V> where V : struct
    {
        x = S.Min(S.Max(x, S.Set(-6f)), S.Set(6f));
        V u = S.Multiply(x, x);
        V q = S.Set(5.4174419e-9f), p = S.Set(9.0199532e-11f);
        q = S.MultiplyAdd(q, u, S.Set(2.6149445e-7f));
        p = S.MultiplyAdd(p, u, S.Set(2.9637211e-8f));
        q = S.MultiplyAdd(q, u, S.Set(8.738828e-6f));
        p = S.MultiplyAdd(p, u, S.Set(2.9962484e-7f));
        q = S.MultiplyAdd(q, u, S.Set(2.0388161e-4f));
        p = S.MultiplyAdd(p, u, S.Set(4.0547636e-5f));
        q = S.MultiplyAdd(q, u, S.Set(3.4143027e-3f));
        p = S.MultiplyAdd(p, u, S.Set(-5.4669164e-5f));
        q = S.MultiplyAdd(q, u, S.Set(0.039614286f));
        p = S.MultiplyAdd(p, u, S.Set(0.014757296f));
        q = S.MultiplyAdd(q, u, S.Set(0.28835631f));
        p = S.MultiplyAdd(p, u, S.Set(-0.035886478f));
        q = S.MultiplyAdd(q, u, S.Set(1f));
        p = S.MultiplyAdd(p, u, S.Set(0.79788456f));
        return S.MultiplyAdd(x, S.Divide(p, q), S.Set(0.5f));
    }
}
