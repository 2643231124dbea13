namespace PocketSam.Kernels.Vectors;

/// <summary>The function that a matrix product applies to its result.</summary>
internal enum Activation
{
    None,

    /// <summary>max(x, 0)</summary>
    Relu,

    /// <summary>x Phi(x), the exact form with erf.</summary>
    Gelu,

    /// <summary>x / (1 + e^-x), also called swish.</summary>
    Silu,
    /// <summary>x sigmoid(1.702 x), as in CLIP.</summary>
    QuickGelu,
}
