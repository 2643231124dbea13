using System.Numerics.Tensors;
using PocketSam.Kernels;

namespace PocketSam.Tensors;

/// <summary>Operations on maps of learned vectors.</summary>
internal static unsafe class GridOps
{
    /// <summary>
    /// A map <c>[rows columns, C]</c> at another size, <c>[1, toRows toColumns, C]</c>: y[i, :] = sum of w[i, k] x[n[i, k], :]
    /// over the sixteen neighbours of bicubic interpolation (<see cref="BicubicTaps"/>).
    /// </summary>
    public static Tensor ResizeBicubic(this Tensor x, int rows, int columns, int toRows, int toColumns)
    {
        const int Taps = BicubicTaps.Count * BicubicTaps.Count;
        int channels = x.Channels, count = toRows * toColumns;
        Tensor y = Tape.New([1, count, channels], x);
        int[] neighbours = new int[count * Taps];
        float[] weights = new float[count * Taps];
        Span<double> down = stackalloc double[BicubicTaps.Count], across = stackalloc double[BicubicTaps.Count];
        for (int i = 0; i < count; i++)
        {
            int top = BicubicTaps.Weigh(i / toColumns, rows, toRows, down);
            int left = BicubicTaps.Weigh(i % toColumns, columns, toColumns, across);
            for (int k = 0; k < Taps; k++)
            {
                int row = Math.Clamp(top + k / BicubicTaps.Count, 0, rows - 1);
                int column = Math.Clamp(left + k % BicubicTaps.Count, 0, columns - 1);
                neighbours[i * Taps + k] = row * columns + column;
                weights[i * Taps + k] = (float)(down[k / BicubicTaps.Count] * across[k % BicubicTaps.Count]);
            }
        }

        Workers.ForRange(count, 64, (start, end) =>
        {
            new Span<float>(y.Data + (nint)start * channels, (end - start) * channels).Clear();
            for (int i = start * Taps; i < end * Taps; i++)
                Add(x.Data + (nint)neighbours[i] * channels, weights[i], y.Data + (nint)(i / Taps) * channels);
        });
        Tape.Step(y, () =>
        {
            float* dy = y.Buffer.Gradient!.Data, dx = Tape.GradientToAddTo(x);
            for (int i = 0; i < neighbours.Length; i++)
                Add(dy + (nint)(i / Taps) * channels, weights[i], dx + (nint)neighbours[i] * channels);
        });
        return y;

        void Add(float* source, float weight, float* target)
        {
            var sum = new Span<float>(target, channels);
            TensorPrimitives.MultiplyAdd(new ReadOnlySpan<float>(source, channels), weight, sum, sum);
        }
    }
}
