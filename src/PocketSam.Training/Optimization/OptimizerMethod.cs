namespace PocketSam.Training.Optimization;

/// <summary>How gradients become steps.</summary>
public enum OptimizerMethod
{
    /// <summary>AdamW for all weights (Loshchilov and Hutter, 2019).</summary>
    AdamW,

    /// <summary>
    /// Muon for matrices and for kernels of convolutions that are not depthwise, AdamW for all else (Jordan et al., 2024;
    /// scaled to AdamW's rates as in Liu et al., 2025, "Muon is scalable for LLM training").
    /// </summary>
    Muon,
}
