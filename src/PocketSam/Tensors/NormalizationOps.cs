using PocketSam.Kernels;

namespace PocketSam.Tensors;

/// <summary>Layer norm and batch norm.</summary>
internal static unsafe class NormalizationOps
{
    /// <summary>Layer norm over the last dimension.</summary>
    public static Tensor LayerNorm(this Tensor x, Tensor gain, Tensor bias, float epsilon)
    {
        int rows = x.Rows, channels = x.Channels;
        Tensor y = Tape.New(x.Shape, x, gain, bias);
        float* statistics = y.WantsGradient ? Tape.Temporary(2 * rows) : null;
        LayerNormKernel.Forward(x.Data, gain.Data, bias.Data, y.Data, statistics, rows, channels, epsilon);
        Tape.Step(y, () =>
        {
            float* dx = Tape.GradientOf(x, out bool accumulate);
            float* dgain = gain.WantsGradient ? Tape.GradientToAddTo(gain) : Tape.Temporary(channels);
            float* dbias = bias.WantsGradient ? Tape.GradientToAddTo(bias) : Tape.Temporary(channels);
            LayerNormKernel.Backward(
                x.Data, gain.Data, statistics, y.Buffer.Gradient!.Data, dx, accumulate, dgain, dbias, rows, channels);
        });
        return y;
    }

    /// <summary>
    /// Batch norm with the statistics of this batch (of all dimensions but the last), followed by GELU where asked.
    /// <paramref name="mean"/> and <paramref name="variance"/> receive them; the variance is the biased one.
    /// </summary>
    public static Tensor BatchNorm(
        this Tensor x, Tensor gain, Tensor bias, float epsilon, bool gelu, out float[] mean, out float[] variance)
    {
        int rows = x.Rows, channels = x.Channels;
        Tensor y = Tape.New(x.Shape, x, gain, bias);
        float[] m = mean = new float[channels];
        variance = new float[channels];
        BatchNormKernel.Statistics(x.Data, rows, channels, mean, variance);
        float* scale = Tape.Temporary(channels), shift = Tape.Temporary(channels);
        float[] rstd = new float[channels];
        for (int c = 0; c < channels; c++)
        {
            rstd[c] = 1f / MathF.Sqrt(variance[c] + epsilon);
            scale[c] = gain.Data[c] * rstd[c];
            shift[c] = bias.Data[c] - mean[c] * scale[c];
        }

        BatchNormKernel.Apply(x.Data, scale, shift, y.Data, rows, channels, gelu);
        Tape.Step(y, () =>
        {
            float* dy = y.Buffer.Gradient!.Data;
            float[] sums = new float[2 * channels];
            BatchNormKernel.BackwardSums(x.Data, scale, shift, m, rstd, dy, sums, rows, channels, gelu);
            float* dgain = Tape.GradientOf(gain, out bool addGain), dbias = Tape.GradientOf(bias, out bool addBias);
            for (int c = 0; c < channels; c++)
            {
                if (dgain is not null)
                    dgain[c] = addGain ? dgain[c] + sums[c] : sums[c];
                if (dbias is not null)
                    dbias[c] = addBias ? dbias[c] + sums[channels + c] : sums[channels + c];
            }

            float* dx = Tape.GradientOf(x, out bool accumulate);
            if (dx is null)
                return;

            // dx = scale (dz - sum dz / rows - xhat sum(dz xhat) / rows), as dz a + x b + c
            float* b = Tape.Temporary(channels), constant = Tape.Temporary(channels);
            for (int c = 0; c < channels; c++)
            {
                b[c] = -scale[c] * rstd[c] * sums[c] / rows;
                constant[c] = -scale[c] * sums[channels + c] / rows - m[c] * b[c];
            }

            BatchNormKernel.BackwardInput(x.Data, dy, scale, b, constant, dx, accumulate, rows, channels);
        });
        return y;
    }

    /// <summary>x scale + shift per channel, with GELU where asked: batch norm with fixed statistics.</summary>
    public static Tensor ScaleShift(this Tensor x, Tensor scale, Tensor shift, bool gelu)
    {
        Tensor y = Tape.New(x.Shape, x);
        if (y.WantsGradient)
            throw new InvalidOperationException("batch norm with fixed statistics has no gradient here");
        BatchNormKernel.Apply(x.Data, scale.Data, shift.Data, y.Data, x.Rows, x.Channels, gelu);
        GC.KeepAlive(scale);
        GC.KeepAlive(shift);
        return y;
    }
}
