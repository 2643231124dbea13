namespace PocketSam.Training.Quantization;

/// <summary>What decides over the scale of a quantised operand.</summary>
public enum RangeMetric
{
    /// <summary>The largest magnitude that was seen: nothing is cut off, nothing is searched.</summary>
    MinMax,

    /// <summary>The squared error of the layer's output.</summary>
    MeanSquaredError,

    /// <summary>
    /// The squared error of the layer's output, each value times its gradient: the diagonal of the Hessian as PTQ4ViT (Yuan et al., 2022) and
    /// TinySAM (section 3.3) take it, of a loss on masks and predicted IoU.
    /// </summary>
    Hessian,
}
