using PocketSam.Kernels;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace PocketSam.Tensors;

/// <summary>A learned factor for each channel.</summary>
internal static unsafe class ScaleOps
{
    /// <summary>Rows of a part; sums of a part are added in the order of the parts.</summary>
    private const int PartRows = 128;

    /// <summary>residual + x gain, gain <c>[C]</c> for each channel of x <c>[..., C]</c> (DINOv2's LayerScale).</summary>
    public static Tensor AddScaledChannels(this Tensor residual, Tensor x, Tensor gain)
    {
        int rows = x.Rows, channels = x.Channels, parts = (rows + PartRows - 1) / PartRows;
        Tensor y = Tape.New(x.Shape, residual, x, gain);
        Workers.For(parts, part => Rows(part, row => TensorPrimitives.MultiplyAdd(
            At(x.Data, row), At(gain.Data, 0), At(residual.Data, row), At(y.Data, row))));
        Tape.Step(y, () =>
        {
            float* dy = y.Buffer.Gradient!.Data, dgain = gain.WantsGradient ? Tape.GradientToAddTo(gain) : null;
            float* dx = Tape.GradientOf(x, out bool accumulate), sums = Tape.Temporary((nint)parts * channels);
            Workers.For(parts, part =>
            {
                At(sums, part).Clear();
                Rows(part, row =>
                {
                    if (dgain is not null)
                        TensorPrimitives.MultiplyAdd(At(dy, row), At(x.Data, row), At(sums, part), At(sums, part));
                    if (dx is not null && accumulate)
                        TensorPrimitives.MultiplyAdd(At(dy, row), At(gain.Data, 0), At(dx, row), At(dx, row));
                    else if (dx is not null)
                        TensorPrimitives.Multiply(At(dy, row), At(gain.Data, 0), At(dx, row));
                });
            });
            for (int part = 0; part < parts && dgain is not null; part++)
                TensorPrimitives.Add(At(dgain, 0), At(sums, part), At(dgain, 0));
            Tape.PassGradient(y, residual);
        });
        return y;

        Span<float> At(float* data, int row) => new(data + (nint)row * channels, channels);

        void Rows(int part, Action<int> body)
        {
            for (int row = part * PartRows; row < Math.Min(rows, (part + 1) * PartRows); row++)
                body(row);
        }
    }

    /// <summary>target += x gain, in place, for a network that is only used.</summary>
    public static void AddScaledChannelsInPlace(this Tensor target, Tensor x, Tensor gain)
    {
        if (target.WantsGradient || x.WantsGradient)
            throw new ArgumentException("a sum in place has no gradient", nameof(target));
        int rows = x.Rows, channels = x.Channels;
        Workers.ForRange(rows, PartRows, (start, end) =>
        {
            var factors = new ReadOnlySpan<float>(gain.Data, channels);
            for (int row = start; row < end; row++)
            {
                var sum = new Span<float>(target.Data + (nint)row * channels, channels);
                TensorPrimitives.MultiplyAdd(new ReadOnlySpan<float>(x.Data + (nint)row * channels, channels), factors, sum, sum);
            }
        });
    }
}
