namespace PocketSam.OnnxRuntime;

/// <summary>Differences between a pair of ONNX files and the same model computed by the library.</summary>
public sealed class OnnxVerification
{
    /// <summary>
    /// Largest accepted difference of an embedding, relative to the embedding's largest magnitude; another order of
    /// sums stays within it.
    /// </summary>
    public const double EmbeddingTolerance = 2e-4;

    /// <summary>
    /// Largest accepted difference of a predicted IoU, and of a logit relative to the largest magnitude (at least 1) of
    /// its mask.
    /// </summary>
    public const double LogitTolerance = 1e-3;

    /// <summary>Least accepted IoU of a mask with its counterpart.</summary>
    public const double MaskTolerance = 0.999;

    internal OnnxVerification()
    {
    }

    /// <summary>Number of pictures compared.</summary>
    public int Pictures { get; internal set; }

    /// <summary>Number of masks compared.</summary>
    public int Masks { get; internal set; }

    /// <summary>Largest difference of an embedding, relative to its largest magnitude.</summary>
    public double EmbeddingDifference { get; internal set; }

    /// <summary>
    /// Largest difference of a low-resolution logit, relative to the largest magnitude (at least 1) of its mask.
    /// </summary>
    public double LogitDifference { get; internal set; }

    /// <summary>Largest difference of a predicted IoU.</summary>
    public double IouDifference { get; internal set; }

    /// <summary>Least IoU of a mask at the picture's size with its counterpart; 1 where both are empty.</summary>
    public double LeastMaskIou { get; internal set; } = 1;

    /// <summary>Median time of encoding a picture by the library, in milliseconds.</summary>
    public double OwnEncodeMs { get; internal set; }

    /// <summary>Median time of encoding a picture by ONNX Runtime, in milliseconds.</summary>
    public double EncodeMs { get; internal set; }

    /// <summary>Median time of a prompt by the library, in milliseconds.</summary>
    public double OwnDecodeMs { get; internal set; }

    /// <summary>Median time of a prompt by ONNX Runtime, in milliseconds.</summary>
    public double DecodeMs { get; internal set; }

    /// <summary>Whether all differences are within the tolerances, which another order of sums explains.</summary>
    public bool IsEqual => EmbeddingDifference <= EmbeddingTolerance && LogitDifference <= LogitTolerance
        && IouDifference <= LogitTolerance && LeastMaskIou >= MaskTolerance;

    /// <summary>
    /// Whether all masks reach an IoU with their counterparts: the criterion for weights of reduced precision.
    /// </summary>
    /// <param name="leastMaskIou">Least accepted IoU, 0 to 1.</param>
    public bool HasMasksOf(double leastMaskIou) => LeastMaskIou >= leastMaskIou;
}
