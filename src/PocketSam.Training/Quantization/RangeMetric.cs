namespace PocketSam.Training.Quantization;

/// <summary>The criterion for the scale of a quantised operand.</summary>
public enum RangeMetric
{
    /// <summary>The largest magnitude seen: nothing is clipped, and nothing is searched.</summary>
    MinMax,

    /// <summary>The squared error of the layer's output.</summary>
    MeanSquaredError,

    /// <summary>
    /// The squared error of the layer's output with each value multiplied by its gradient: the diagonal of the Hessian,
    /// as in PTQ4ViT (Yuan et al., 2022) and TinySAM (section 3.3), of a loss on masks and predicted IoU.
    /// </summary>
    Hessian,
}
