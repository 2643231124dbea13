using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace PocketSam.Training.Data.Effects;

/// <summary>An 8 x 8 block, one row to a vector, and its orthonormal discrete cosine transform.</summary>
internal sealed class DctBlock
{
    // Cosines[8 k + n] = c(k) cos((2 n + 1) k pi / 16), c(0) = sqrt(1/8), else 1/2; Transposed has [8 n + k].
    private static readonly float[] Cosines = MakeCosines();
    private static readonly float[] Transposed = Transpose(Cosines);

    private Rows _rows;

    public Span<Vector256<float>> AsRows() => _rows;

    /// <summary>C B C^T: samples to frequencies.</summary>
    public void Forward() => Transform(Cosines, Transposed);

    /// <summary>C^T F C: frequencies to samples.</summary>
    public void Inverse() => Transform(Transposed, Cosines);

    /// <summary>Rounds each value to a multiple of its step.</summary>
    public void Quantise(ReadOnlySpan<float> steps, ReadOnlySpan<float> inverseSteps)
    {
        Span<Vector256<float>> rows = _rows;
        for (int i = 0; i < 8; i++)
        {
            Vector256<float> level = Vector256.Round(rows[i] * Vector256.Create(inverseSteps.Slice(8 * i, 8)));
            rows[i] = level * Vector256.Create(steps.Slice(8 * i, 8));
        }
    }

    private void Transform(float[] left, float[] right)
    {
        Rows half = default;
        Span<Vector256<float>> halves = half;
        Span<Vector256<float>> rows = _rows;
        for (int i = 0; i < 8; i++)
        {
            Vector256<float> sum = rows[0] * left[8 * i];
            for (int k = 1; k < 8; k++)
                sum += rows[k] * left[8 * i + k];
            halves[i] = sum;
        }

        for (int i = 0; i < 8; i++)
        {
            Vector256<float> row = halves[i];
            Vector256<float> sum = Vector256.Create(right, 0) * row[0];
            for (int k = 1; k < 8; k++)
                sum += Vector256.Create(right, 8 * k) * row[k];
            rows[i] = sum;
        }
    }

    private static float[] MakeCosines()
    {
        float[] cosines = new float[64];
        for (int k = 0; k < 8; k++)
        {
            for (int n = 0; n < 8; n++)
                cosines[8 * k + n] = k == 0 ? 0.35355339f : 0.5f * PortableMath.CosTurns((2 * n + 1) * k / 32f);
        }

        return cosines;
    }

    private static float[] Transpose(float[] matrix)
    {
        float[] transposed = new float[64];
        for (int i = 0; i < 64; i++)
            transposed[i % 8 * 8 + i / 8] = matrix[i];
        return transposed;
    }

    [InlineArray(8)]
    private struct Rows
    {
        private Vector256<float> _first;
    }
}
