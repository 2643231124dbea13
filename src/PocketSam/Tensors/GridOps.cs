using System.Numerics.Tensors;
using PocketSam.Kernels;
using PocketSam.Kernels.Image;

namespace PocketSam.Tensors;

/// <summary>Operations on position embeddings.</summary>
internal static unsafe class GridOps
{
    /// <summary>
    /// Resizes a map <c>[rows * columns, C]</c> to <c>[1, toRows * toColumns, C]</c> with <see cref="BicubicTaps"/>.
    /// </summary>
    public static Tensor ResizeBicubic(this Tensor x, int rows, int columns, int toRows, int toColumns)
        => Tape.Run(new ResizeBicubicOp(x, rows, columns, toRows, toColumns), [1, toRows * toColumns, x.Channels], x);

    /// <summary>y[i, :] = sum over the sixteen neighbours k of w[i, k] x[n[i, k], :]</summary>
    private sealed class ResizeBicubicOp(Tensor x, int rows, int columns, int toRows, int toColumns) : Op
    {
        private const int Taps = BicubicTaps.Count * BicubicTaps.Count;

        private readonly int _channels = x.Channels;
        private readonly int[] _neighbours = new int[toRows * toColumns * Taps];
        private readonly float[] _weights = new float[toRows * toColumns * Taps];

        public override string Name => "ResizeBicubic";

        public override IReadOnlyDictionary<string, object> Attributes => new Dictionary<string, object>
        {
            ["rows"] = rows,
            ["columns"] = columns,
            ["toRows"] = toRows,
            ["toColumns"] = toColumns,
        };

        public override void Forward(Tensor y)
        {
            Weigh();
            Workers.ForRange(toRows * toColumns, 64, (start, end) =>
            {
                new Span<float>(y.Data + (nint)start * _channels, (end - start) * _channels).Clear();
                for (int i = start * Taps; i < end * Taps; i++)
                    Add(x.Data + (nint)_neighbours[i] * _channels, _weights[i], y.Data + (nint)(i / Taps) * _channels);
            });
        }

        public override void Backward(Tensor y)
        {
            float* dy = y.Buffer.Gradient!.Data, dx = Tape.GradientToAddTo(x);
            for (int i = 0; i < _neighbours.Length; i++)
                Add(dy + (nint)(i / Taps) * _channels, _weights[i], dx + (nint)_neighbours[i] * _channels);
        }

        private void Weigh()
        {
            Span<double> down = stackalloc double[BicubicTaps.Count], across = stackalloc double[BicubicTaps.Count];
            for (int i = 0; i < toRows * toColumns; i++)
            {
                int top = BicubicTaps.Weigh(i / toColumns, rows, toRows, down);
                int left = BicubicTaps.Weigh(i % toColumns, columns, toColumns, across);
                for (int k = 0; k < Taps; k++)
                {
                    int row = Math.Clamp(top + k / BicubicTaps.Count, 0, rows - 1);
                    int column = Math.Clamp(left + k % BicubicTaps.Count, 0, columns - 1);
                    _neighbours[i * Taps + k] = row * columns + column;
                    _weights[i * Taps + k] = (float)(down[k / BicubicTaps.Count] * across[k % BicubicTaps.Count]);
                }
            }
        }

        private void Add(float* source, float weight, float* target)
        {
            var sum = new Span<float>(target, _channels);
            TensorPrimitives.MultiplyAdd(new ReadOnlySpan<float>(source, _channels), weight, sum, sum);
        }
    }
}
