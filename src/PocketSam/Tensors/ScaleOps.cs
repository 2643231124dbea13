using PocketSam.Kernels;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace PocketSam.Tensors;

/// <summary>A learned factor for each channel.</summary>
internal static unsafe class ScaleOps
{
    /// <summary>residual + x gain, with gain <c>[C]</c> and x <c>[..., C]</c> (DINOv2's LayerScale).</summary>
    public static Tensor AddScaledChannels(this Tensor residual, Tensor x, Weight gain)
        => Tape.Run(new AddScaledChannelsOp(residual, x, gain), x.Shape, residual, x, gain);

    /// <summary>target += x gain, in place, without gradient.</summary>
    public static void AddScaledChannelsInPlace(this Tensor target, Tensor x, Weight gain)
        => Tape.RunInto(target, new AddScaledChannelsOp(target, x, gain), target, x, gain);

    /// <summary>y = r + x g; dr = dy, dx = dy g, dg = sum over the rows of dy x</summary>
    private sealed class AddScaledChannelsOp(Tensor residual, Tensor x, Weight gain) : Op
    {
        /// <summary>Rows in a part; the sums of the parts are added in order.</summary>
        private const int PartRows = 128;

        private readonly int _rows = x.Rows, _channels = x.Channels, _parts = (x.Rows + PartRows - 1) / PartRows;

        public override string Name => "AddScaledChannels";

        public override void Forward(Tensor y)
        {
            float* factors = gain.Value.Data;
            Workers.For(_parts, part =>
            {
                for (int row = part * PartRows; row < Math.Min(_rows, (part + 1) * PartRows); row++)
                    TensorPrimitives.MultiplyAdd(At(x.Data, row), At(factors, 0), At(residual.Data, row), At(y.Data, row));
            });
        }

        public override void Backward(Tensor y)
        {
            float* dy = y.Buffer.Gradient!.Data, factors = gain.Value.Data;
            float* dgain = gain.WantsGradient ? Tape.GradientToAddTo(gain.Value) : null;
            float* dx = Tape.GradientOf(x, out bool accumulate), sums = Tape.Temporary((nint)_parts * _channels);
            Workers.For(_parts, part =>
            {
                At(sums, part).Clear();
                for (int row = part * PartRows; row < Math.Min(_rows, (part + 1) * PartRows); row++)
                {
                    if (dgain is not null)
                        TensorPrimitives.MultiplyAdd(At(dy, row), At(x.Data, row), At(sums, part), At(sums, part));
                    if (dx is not null && accumulate)
                        TensorPrimitives.MultiplyAdd(At(dy, row), At(factors, 0), At(dx, row), At(dx, row));
                    else if (dx is not null)
                        TensorPrimitives.Multiply(At(dy, row), At(factors, 0), At(dx, row));
                }
            });
            for (int part = 0; part < _parts && dgain is not null; part++)
                TensorPrimitives.Add(At(dgain, 0), At(sums, part), At(dgain, 0));
            Tape.PassGradient(y, residual);
        }

        private Span<float> At(float* data, int row) => new(data + (nint)row * _channels, _channels);
    }
}
