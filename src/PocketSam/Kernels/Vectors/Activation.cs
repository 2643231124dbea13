namespace PocketSam.Kernels.Vectors;

/// <summary>What a matrix product applies to its result before it is written.</summary>
internal enum Activation
{
    None,

    /// <summary>max(x, 0)</summary>
    Relu,

    /// <summary>x Phi(x), the exact form with erf.</summary>
    Gelu,

    /// <summary>x / (1 + e^-x), also called swish.</summary>
    Silu,
    /// <summary>x sigmoid(1.702 x), CLIP's.</summary>
    QuickGelu,
}
