namespace PocketSam.OnnxRuntime;

/// <summary>How far a pair of files is from a model computed here.</summary>
public sealed class OnnxVerification
{
    /// <summary>Largest difference of an embedding that passes, over the embedding's largest value: sums in another order.</summary>
    public const double EmbeddingTolerance = 2e-4;

    /// <summary>Largest difference of a logit, over the largest where that is above 1, or of a predicted IoU that passes.</summary>
    public const double LogitTolerance = 1e-3;

    /// <summary>Least IoU of a mask with its own counterpart that passes.</summary>
    public const double MaskTolerance = 0.999;

    internal OnnxVerification()
    {
    }

    /// <summary>Pictures that were looked at.</summary>
    public int Pictures { get; internal set; }

    /// <summary>Masks that were compared.</summary>
    public int Masks { get; internal set; }

    /// <summary>Largest difference of an embedding over its largest value.</summary>
    public double EmbeddingDifference { get; internal set; }

    /// <summary>Largest difference of a low-resolution logit, over the largest logit where that is above 1.</summary>
    public double LogitDifference { get; internal set; }

    /// <summary>Largest difference of a predicted IoU.</summary>
    public double IouDifference { get; internal set; }

    /// <summary>Least IoU of a mask at the picture's size with its counterpart; 1 where both are empty.</summary>
    public double LeastMaskIou { get; internal set; } = 1;

    /// <summary>Median milliseconds of encoding a picture here.</summary>
    public double OwnEncodeMs { get; internal set; }

    /// <summary>Median milliseconds of encoding a picture by ONNX Runtime.</summary>
    public double EncodeMs { get; internal set; }

    /// <summary>Median milliseconds of a prompt here.</summary>
    public double OwnDecodeMs { get; internal set; }

    /// <summary>Median milliseconds of a prompt by ONNX Runtime.</summary>
    public double DecodeMs { get; internal set; }

    /// <summary>Whether all differences are within what sums in another order explain.</summary>
    public bool IsEqual => EmbeddingDifference <= EmbeddingTolerance && LogitDifference <= LogitTolerance
        && IouDifference <= LogitTolerance && LeastMaskIou >= MaskTolerance;

    /// <summary>Whether the masks are the same for all that people see, as is asked of weights of fewer bits.</summary>
    /// <param name="leastMaskIou">Least IoU of any mask with its counterpart.</param>
    public bool HasMasksOf(double leastMaskIou) => LeastMaskIou >= leastMaskIou;
}
