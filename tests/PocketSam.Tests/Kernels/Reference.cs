namespace PocketSam.Tests.Kernels;

/// <summary>
/// The kernels' naive twins: plain loops in double precision over row-major arrays, made to be read. The fast kernels
/// are compared with them.
/// </summary>
internal static partial class Reference
{
    /// <summary>1 / sqrt(2 pi)</summary>
    private const double DensityOfZero = 0.3989422804014327;

    /// <summary>C[m, n] = sum over k of A[m, k] B[k, n]</summary>
    public static double[] Product(ReadOnlySpan<float> a, ReadOnlySpan<float> b, int m, int n, int k)
    {
        double[] c = new double[m * n];
        for (int i = 0; i < m; i++)
            for (int l = 0; l < k; l++)
                for (int j = 0; j < n; j++)
                    c[i * n + j] += (double)a[i * k + l] * b[l * n + j];
        return c;
    }

    /// <summary>[rows, columns] to [columns, rows]</summary>
    public static float[] Transpose(ReadOnlySpan<float> x, int rows, int columns)
    {
        float[] y = new float[x.Length];
        for (int r = 0; r < rows; r++)
            for (int c = 0; c < columns; c++)
                y[c * rows + r] = x[r * columns + c];
        return y;
    }

    public static double Relu(double x) => Math.Max(x, 0);

    public static double Silu(double x) => x / (1 + Math.Exp(-x));

    public static double Gelu(double x) => x * NormalCdf(x);

    public static double QuickGelu(double x) => x / (1 + Math.Exp(-1.702 * x));

    /// <summary>d/dx x Phi(x) = Phi(x) + x phi(x)</summary>
    public static double GeluSlope(double x) => NormalCdf(x) + x * NormalDensity(x);

    public static double NormalDensity(double x) => DensityOfZero * Math.Exp(-x * x / 2);

    /// <summary>
    /// Phi(x): near zero the series 1/2 + phi(x) (x + x^3/3 + x^5/15 + ...), far out the continued fraction
    /// phi(x) / (x + 1/(x + 2/(x + 3/...))) of the tail.
    /// </summary>
    public static double NormalCdf(double x)
    {
        if (Math.Abs(x) < 4)
        {
            double term = x, sum = x;
            for (int i = 3; Math.Abs(term) > 1e-18; i += 2)
                sum += term *= x * x / i;
            return 0.5 + NormalDensity(x) * sum;
        }

        double fraction = 0, far = Math.Abs(x);
        for (int i = 120; i > 0; i--)
            fraction = i / (far + fraction);
        double tail = NormalDensity(x) / (far + fraction);
        return x < 0 ? tail : 1 - tail;
    }

    public static double[] Softmax(ReadOnlySpan<double> x)
    {
        double max = double.NegativeInfinity, sum = 0;
        foreach (double v in x)
            max = Math.Max(max, v);
        double[] p = new double[x.Length];
        for (int i = 0; i < p.Length; i++)
            sum += p[i] = Math.Exp(x[i] - max);
        for (int i = 0; i < p.Length; i++)
            p[i] /= sum;
        return p;
    }

    /// <summary>Gradient of the softmax's input: p (dp - sum p dp)</summary>
    public static double[] SoftmaxGradient(ReadOnlySpan<double> p, ReadOnlySpan<double> dp)
    {
        double dot = 0;
        for (int i = 0; i < p.Length; i++)
            dot += p[i] * dp[i];
        double[] dx = new double[p.Length];
        for (int i = 0; i < p.Length; i++)
            dx[i] = p[i] * (dp[i] - dot);
        return dx;
    }

    public static double[] ColumnSums(ReadOnlySpan<float> x, int rows, int columns)
    {
        double[] sums = new double[columns];
        for (int r = 0; r < rows; r++)
            for (int c = 0; c < columns; c++)
                sums[c] += x[r * columns + c];
        return sums;
    }

    public static double[] ToDouble(ReadOnlySpan<float> x)
    {
        double[] y = new double[x.Length];
        for (int i = 0; i < y.Length; i++)
            y[i] = x[i];
        return y;
    }
}
