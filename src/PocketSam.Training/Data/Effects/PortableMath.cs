namespace PocketSam.Training.Data.Effects;

/// <summary>
/// Elementary functions made of additions, multiplications and divisions only, so that a seed gives the same picture on
/// every platform. Accurate to about 1e-9 relative, far below a pixel's resolution.
/// </summary>
internal static class PortableMath
{
    private const double Ln2 = 0.693147180559945309417;

    /// <summary>Sine of an angle in turns (1 turn is a full circle).</summary>
    public static float SinTurns(float turns)
    {
        // Reduced to a quarter turn around zero, where the odd Taylor polynomial is accurate to 1e-8.
        float t = turns - MathF.Floor(turns + 0.5f);
        if (t > 0.25f)
            t = 0.5f - t;
        else if (t < -0.25f)
            t = -0.5f - t;

        float x = t * 6.2831853f;
        float x2 = x * x;
        return x * (1f + x2 * (-1f / 6 + x2 * (1f / 120 + x2 * (-1f / 5040 + x2 * (1f / 362880)))));
    }

    /// <summary>Cosine of an angle in turns.</summary>
    public static float CosTurns(float turns) => SinTurns(turns + 0.25f);

    /// <summary>e^x; 0 below and infinity above the range of a double.</summary>
    public static double Exp(double x)
    {
        if (x < -700)
            return 0;
        if (x > 700)
            return double.PositiveInfinity;

        // x = k ln2 + r, |r| <= ln2 / 2
        double k = Math.Floor(x / Ln2 + 0.5);
        double r = x - k * Ln2;
        double term = 1;
        double sum = 1;
        for (int n = 1; n <= 11; n++)
        {
            term *= r / n;
            sum += term;
        }

        return sum * BitConverter.Int64BitsToDouble((long)(k + 1023) << 52);
    }

    /// <summary>Natural logarithm of a positive normal number.</summary>
    public static double Log(double x)
    {
        // x = m 2^e with m in [0.75, 1.5); log m = 2 atanh((m - 1) / (m + 1))
        long bits = BitConverter.DoubleToInt64Bits(x);
        int exponent = (int)(bits >> 52 & 0x7FF) - 1023;
        double m = BitConverter.Int64BitsToDouble(bits & 0xFFFFFFFFFFFFF | 1023L << 52);
        if (m >= 1.5)
        {
            m *= 0.5;
            exponent++;
        }

        double z = (m - 1) / (m + 1);
        double z2 = z * z;
        double power = z;
        double sum = 0;
        for (int n = 1; n <= 15; n += 2)
        {
            sum += power / n;
            power *= z2;
        }

        return 2 * sum + exponent * Ln2;
    }

    /// <summary>x^y for x &gt;= 0.</summary>
    public static double Pow(double x, double y) => x <= 0 ? 0 : Exp(y * Log(x));
}
