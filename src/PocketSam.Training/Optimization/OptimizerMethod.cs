namespace PocketSam.Training.Optimization;

/// <summary>The update rule of an optimiser.</summary>
public enum OptimizerMethod
{
    /// <summary>AdamW for all weights (Loshchilov and Hutter, arXiv:1711.05101).</summary>
    AdamW,

    /// <summary>
    /// Muon for matrices and for kernels of convolutions other than depthwise ones, AdamW for other weights (Jordan et
    /// al., 2024; scaled to AdamW's learning rates as in Liu et al., arXiv:2502.16982).
    /// </summary>
    Muon,
}
