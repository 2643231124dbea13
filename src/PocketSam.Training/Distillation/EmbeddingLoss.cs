using System.Numerics.Tensors;
using PocketSam.Kernels;
using PocketSam.Training.Optimization;
using Tensor = PocketSam.Tensors.Tensor;

namespace PocketSam.Training.Distillation;

/// <summary>
/// Distance between a student's image embeddings and its teacher's: mean over channels and over the cells that show the
/// picture (EdgeSAM leaves out padding too), then over the pictures of the batch.
/// </summary>
internal static unsafe class EmbeddingLoss
{
    /// <summary>Computes the loss and adds its gradient, times <paramref name="weight"/>.</summary>
    /// <param name="student">Embeddings [B, side, side, C].</param>
    /// <param name="teacher">For each picture the teacher's, <c>[side, side, C]</c>.</param>
    /// <param name="regions">For each picture the cells that show it.</param>
    /// <param name="batch">Pictures of the batch, of which these may be a part.</param>
    /// <param name="squared">Mean squared error, else mean absolute error.</param>
    /// <param name="weight">Of this loss.</param>
    /// <param name="gradient">That of the embeddings.</param>
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

    /// <summary>1, -1 or 0; NaN stays, for whoever looks whether the gradient is finite.</summary>
    private static float Sign(float x) => x > 0 ? 1f : x < 0 ? -1f : x;
}
