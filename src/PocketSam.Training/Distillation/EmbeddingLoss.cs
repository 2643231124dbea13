using System.Numerics.Tensors;
using PocketSam.Kernels;
using PocketSam.Training.Optimization;
using Tensor = PocketSam.Tensors.Tensor;

namespace PocketSam.Training.Distillation;

/// <summary>
/// Error of a student's image embeddings against its teacher's, averaged over channels, over the cells within the
/// picture (EdgeSAM excludes padding too), and over the pictures of the batch.
/// </summary>
internal static unsafe class EmbeddingLoss
{
    /// <summary>Computes the loss and adds its gradient, times <paramref name="weight"/>.</summary>
    /// <param name="student">The student's embeddings, [B, side, side, C].</param>
    /// <param name="teacher">The teacher's embedding of each picture, <c>[side, side, C]</c>.</param>
    /// <param name="regions">The cells within each picture.</param>
    /// <param name="batch">Number of pictures in the whole batch, of which these may be a part.</param>
    /// <param name="squared">Whether to use the mean squared error instead of the mean absolute error.</param>
    /// <param name="weight">The weight of this loss.</param>
    /// <param name="gradient">The gradient of the embeddings, [B, side, side, C].</param>
    public static double Apply(
        Tensor student, float[][] teacher, MaskRegion[] regions, int batch, bool squared, float weight, float* gradient)
    {
        int side = student.Shape[1], row = side * student.Channels;
        double[] sums = new double[student.Shape[0] * side];
        Workers.For(sums.Length, i =>
        {
            (int b, int y) = (i / side, i % side);
            MaskRegion region = regions[b];
            if (y >= region.Height)
                return;
            int length = region.Width * student.Channels;
            float scale = 1f / ((float)region.Cells * student.Channels * batch), g = weight * scale;
            float* values = student.Data + (nint)i * row;
            float[] difference = new float[length];
            TensorPrimitives.Subtract(
                new ReadOnlySpan<float>(values, length), teacher[b].AsSpan(y * row, length), difference);
            var target = new Span<float>(gradient + (nint)i * row, length);
            if (squared)
            {
                sums[i] = scale * TensorPrimitives.SumOfSquares<float>(difference);
                TensorPrimitives.MultiplyAdd(difference, 2 * g, target, target);
            }
            else
            {
                sums[i] = scale * TensorPrimitives.SumOfMagnitudes<float>(difference);
                for (int j = 0; j < length; j++)
                    target[j] += g * Sign(difference[j]);
            }
        });
        return sums.Sum();
    }

    /// <summary>1, -1 or 0; NaN is preserved, so that the check for finite gradients sees it.</summary>
    private static float Sign(float x) => x > 0 ? 1f : x < 0 ? -1f : x;
}
