using PocketSam.Kernels.Ops;

namespace PocketSam.Tensors;

/// <summary>Layer norm and batch norm.</summary>
internal static unsafe class NormalizationOps
{
    /// <summary>Layer norm over the last dimension.</summary>
    public static Tensor LayerNorm(this Tensor x, Tensor gain, Tensor bias, float epsilon)
        => Tape.Run(new LayerNormOp(x, gain, bias, epsilon), x.Shape, x, gain, bias);

    /// <summary>
    /// Batch norm with the statistics of this batch (over all dimensions but the last), followed by GELU if
    /// <paramref name="gelu"/>. <paramref name="mean"/> and <paramref name="variance"/> <c>[C]</c> receive the
    /// statistics; the variance is the biased one, of <paramref name="count"/> values a channel. With
    /// <see cref="Tape.Sum"/> the statistics are those of the whole batch over all processes.
    /// </summary>
    public static Tensor BatchNorm(
        this Tensor x, Tensor gain, Tensor bias, float epsilon, bool gelu, out float[] mean, out float[] variance, out long count)
    {
        var op = new BatchNormOp(x, gain, bias, epsilon, gelu);
        Tensor y = Tape.Run(op, x.Shape, x, gain, bias);
        (mean, variance, count) = (op.Mean, op.Variance, op.Count);
        return y;
    }

    /// <summary>y = xhat gain + bias, xhat = (x - mean) / sqrt(variance + epsilon), per row</summary>
    private sealed class LayerNormOp(Tensor x, Tensor gain, Tensor bias, float epsilon) : Op
    {
        /// <summary>Mean and 1 / standard deviation of each row, for the backward pass.</summary>
        private float* _statistics;

        public override string Name => "LayerNorm";

        public override IReadOnlyDictionary<string, object> Attributes
            => new Dictionary<string, object> { ["epsilon"] = epsilon };

        public override void Forward(Tensor y)
        {
            _statistics = y.WantsGradient ? Tape.Temporary(2 * x.Rows) : null;
            LayerNormKernel.Forward(x.Data, gain.Data, bias.Data, y.Data, _statistics, x.Rows, x.Channels, epsilon);
        }

        public override void Backward(Tensor y)
        {
            float* dx = Tape.GradientOf(x, out bool accumulate);
            float* dgain = gain.WantsGradient ? Tape.GradientToAddTo(gain) : Tape.Temporary(x.Channels);
            float* dbias = bias.WantsGradient ? Tape.GradientToAddTo(bias) : Tape.Temporary(x.Channels);
            LayerNormKernel.Backward(
                x.Data, gain.Data, _statistics, y.Buffer.Gradient!.Data, dx, accumulate, dgain, dbias, x.Rows, x.Channels);
        }
    }

    /// <summary>
    /// y = f(x scale + shift), scale = gain / sqrt(variance + epsilon), shift = bias - mean scale, per channel
    /// </summary>
    private sealed class BatchNormOp(Tensor x, Tensor gain, Tensor bias, float epsilon, bool gelu) : Op
    {
        private readonly float[] _rstd = new float[x.Channels];
        private readonly BatchSum? _sum = Tape.Current.Sum;
        private float* _scale, _shift;

        public override string Name => "BatchNorm";

        public override IReadOnlyDictionary<string, object> Attributes
            => new Dictionary<string, object> { ["epsilon"] = epsilon, ["gelu"] = gelu };

        /// <summary>Number of values in each channel, over all parts of the batch.</summary>
        public long Count { get; private set; } = x.Rows;

        /// <summary>Mean of each channel; valid after the forward pass.</summary>
        public float[] Mean { get; } = new float[x.Channels];

        /// <summary>Biased variance of each channel; valid after the forward pass.</summary>
        public float[] Variance { get; } = new float[x.Channels];

        public override void Forward(Tensor y)
        {
            int rows = x.Rows, channels = x.Channels;
            BatchNormKernel.Statistics(x.Data, rows, channels, Mean, Variance);
            if (_sum is not null)
                Combine(rows, channels);
            _scale = Tape.Temporary(channels);
            _shift = Tape.Temporary(channels);
            for (int c = 0; c < channels; c++)
            {
                _rstd[c] = 1f / MathF.Sqrt(Variance[c] + epsilon);
                _scale[c] = gain.Data[c] * _rstd[c];
                _shift[c] = bias.Data[c] - Mean[c] * _scale[c];
            }

            BatchNormKernel.Apply(x.Data, _scale, _shift, y.Data, rows, channels, gelu);
        }

        public override void Backward(Tensor y)
        {
            int rows = x.Rows, channels = x.Channels;
            float* dy = y.Buffer.Gradient!.Data;
            float[] sums = new float[2 * channels];
            BatchNormKernel.BackwardSums(x.Data, _scale, _shift, Mean, _rstd, dy, sums, rows, channels, gelu);
            float* dgain = Tape.GradientOf(gain, out bool addGain), dbias = Tape.GradientOf(bias, out bool addBias);
            for (int c = 0; c < channels; c++)
            {
                if (dgain is not null)
                    dgain[c] = addGain ? dgain[c] + sums[c] : sums[c];
                if (dbias is not null)
                    dbias[c] = addBias ? dbias[c] + sums[channels + c] : sums[channels + c];
            }

            float* dx = Tape.GradientOf(x, out bool accumulate);
            if (_sum is not null)
            {
                double[] all = [.. sums.Select(value => (double)value)];
                _sum(all);
                for (int i = 0; i < sums.Length; i++)
                    sums[i] = (float)all[i];
            }

            if (dx is null)
                return;

            // dx = scale (dz - sum dz / count - xhat sum(dz xhat) / count), as dz a + x b + c
            float* b = Tape.Temporary(channels), constant = Tape.Temporary(channels);
            for (int c = 0; c < channels; c++)
            {
                b[c] = -_scale[c] * _rstd[c] * sums[c] / Count;
                constant[c] = -_scale[c] * sums[channels + c] / Count - Mean[c] * b[c];
            }

            BatchNormKernel.BackwardInput(x.Data, dy, _scale, b, constant, dx, accumulate, rows, channels);
        }

        /// <summary>
        /// Combines the statistics of a part into those of all parts: first the mean, then the squares about it, which
        /// avoids cancellation.
        /// </summary>
        private void Combine(int rows, int channels)
        {
            double[] all = new double[channels + 1];
            for (int c = 0; c < channels; c++)
                all[c] = (double)rows * Mean[c];
            all[channels] = rows;
            _sum!(all);
            double count = all[channels];
            double[] squares = new double[channels];
            for (int c = 0; c < channels; c++)
            {
                double mean = all[c] / count, off = Mean[c] - mean;
                squares[c] = rows * (Variance[c] + off * off);
                Mean[c] = (float)mean;
            }

            _sum(squares);
            for (int c = 0; c < channels; c++)
                Variance[c] = (float)(squares[c] / count);
            Count = (long)count;
        }
    }
}
