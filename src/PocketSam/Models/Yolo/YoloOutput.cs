using PocketSam.Kernels.Ops;

namespace PocketSam.Models.Yolo;

/// <summary>
/// The output of a YOLOv8-seg: for each anchor (a cell at stride 8, then 16, then 32, row-major) a score, a box and
/// mask coefficients; and the prototypes. Its memory belongs to the tape.
/// </summary>
/// <param name="Height">Rows of the input.</param>
/// <param name="Width">Pixels in a row of the input.</param>
/// <param name="BoxLogits"><c>[anchors, 1, 4 * bins]</c>: left, top, right, bottom.</param>
/// <param name="ClassLogits"><c>[anchors, 1, 1]</c></param>
/// <param name="Coefficients"><c>[anchors, 1, masks]</c></param>
/// <param name="Prototypes"><c>[H / 4, W / 4, masks]</c></param>
/// <param name="Bins">Distance of each bin, in cells.</param>
internal sealed record YoloOutput(
    int Height, int Width, FeatureMap BoxLogits, FeatureMap ClassLogits, FeatureMap Coefficients, FeatureMap Prototypes, float[] Bins)
{
    private static readonly int[] Strides = [8, 16, 32];

    public int Anchors => ClassLogits.Height;

    /// <summary>
    /// A logit slightly below that of <paramref name="score"/> (0 to 1), for a preselection; the score itself decides.
    /// </summary>
    public static float LogitOf(float score)
        => score <= 0 ? float.NegativeInfinity : score >= 1 ? float.PositiveInfinity : MathF.Log(score / (1 - score)) - 1e-3f;

    /// <summary>Score of an anchor, 0 to 1.</summary>
    public unsafe float Score(int anchor) => 1f / (1f + MathF.Exp(-ClassLogits.Data[anchor]));

    /// <summary>Logit of an anchor's score.</summary>
    public unsafe float ScoreLogit(int anchor) => ClassLogits.Data[anchor];

    /// <summary>Mask coefficients of an anchor.</summary>
    public unsafe ReadOnlySpan<float> CoefficientsOf(int anchor)
        => new(Coefficients.Data + (nint)anchor * Coefficients.Stride, Coefficients.Channels);

    /// <summary>
    /// Box of an anchor in pixels of the input: centre and size. The distance of each side from the cell's centre is
    /// the expectation of its bins, in cells (Generalized Focal Loss, arXiv:2006.04388).
    /// </summary>
    public unsafe (float X, float Y, float Width, float Height) Box(int anchor)
    {
        int cell = anchor, level = 0;
        while (cell >= Height / Strides[level] * (Width / Strides[level]))
            cell -= Height / Strides[level] * (Width / Strides[level++]);
        int across = Width / Strides[level];
        float x = cell % across + 0.5f, y = cell / across + 0.5f;
        float* logits = BoxLogits.Data + (nint)anchor * BoxLogits.Stride;
        float left = x - Expectation(logits), top = y - Expectation(logits + Bins.Length);
        float right = x + Expectation(logits + 2 * Bins.Length), bottom = y + Expectation(logits + 3 * Bins.Length);
        float stride = Strides[level];
        return ((left + right) / 2 * stride, (top + bottom) / 2 * stride, (right - left) * stride, (bottom - top) * stride);
    }

    private unsafe float Expectation(float* logits)
    {
        float largest = logits[0];
        for (int i = 1; i < Bins.Length; i++)
            largest = MathF.Max(largest, logits[i]);
        float sum = 0, weighted = 0;
        for (int i = 0; i < Bins.Length; i++)
        {
            float e = MathF.Exp(logits[i] - largest);
            sum += e;
            weighted += e * Bins[i];
        }

        return weighted / sum;
    }
}
