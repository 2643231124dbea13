namespace PocketSam.Tests.Kernels;

/// <summary>Normalisations, by their definitions.</summary>
internal static partial class Reference
{
    /// <summary>y = (x - mean) / sqrt(var + eps) gain + bias over each row.</summary>
    public static double[] LayerNorm(
        ReadOnlySpan<float> x, ReadOnlySpan<float> gain, ReadOnlySpan<float> bias, int rows, int channels,
        double epsilon)
    {
        double[] y = new double[x.Length];
        for (int r = 0; r < rows; r++)
        {
            (double mean, double deviation) = Moments(x.Slice(r * channels, channels), epsilon);
            for (int c = 0; c < channels; c++)
                y[r * channels + c] = (x[r * channels + c] - mean) / deviation * gain[c] + bias[c];
        }

        return y;
    }

    /// <summary>
    /// Its gradients, term by term: y depends on x directly, through the mean and through the deviation.
    /// </summary>
    public static (double[] Dx, double[] Dgain, double[] Dbias) LayerNormGradient(
        ReadOnlySpan<float> x, ReadOnlySpan<float> gain, ReadOnlySpan<float> dy, int rows, int channels, double epsilon)
    {
        double[] dx = new double[x.Length], dgain = new double[channels], dbias = new double[channels];
        for (int r = 0; r < rows; r++)
        {
            (double mean, double deviation) = Moments(x.Slice(r * channels, channels), epsilon);
            for (int i = 0; i < channels; i++)
            {
                double d = dy[r * channels + i], centred = x[r * channels + i] - mean;
                dgain[i] += d * centred / deviation;
                dbias[i] += d;
                for (int j = 0; j < channels; j++)
                {
                    // d y_i / d x_j = gain_i ((i = j) - 1/n) / dev - gain_i (x_i - mean) (x_j - mean) / (n dev^3)
                    double direct = (i == j ? 1 : 0) - 1.0 / channels;
                    double through = centred * (x[r * channels + j] - mean) / (channels * deviation * deviation);
                    dx[r * channels + j] += d * gain[i] * (direct - through) / deviation;
                }
            }
        }

        return (dx, dgain, dbias);
    }

    /// <summary>Mean and sqrt(var + eps), the variance the biased one.</summary>
    public static (double Mean, double Deviation) Moments(ReadOnlySpan<float> x, double epsilon)
    {
        double mean = 0, variance = 0;
        foreach (float v in x)
            mean += v / (double)x.Length;
        foreach (float v in x)
            variance += (v - mean) * (v - mean) / x.Length;
        return (mean, Math.Sqrt(variance + epsilon));
    }
}
