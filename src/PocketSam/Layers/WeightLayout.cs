namespace PocketSam.Layers;

/// <summary>
/// How a checkpoint's tensor becomes the library's: dimensions are permuted so that channels are last.
/// </summary>
internal enum WeightLayout
{
    /// <summary>No change.</summary>
    AsStored,

    /// <summary>Convolution: [out, in, h, w] becomes [out, h, w, in].</summary>
    Convolution,

    /// <summary>Depthwise convolution: [channels, 1, h, w] becomes [h, w, channels].</summary>
    Depthwise,

    /// <summary>Transposed convolution: [in, out, 2, 2] becomes [(2, 2, out), in].</summary>
    TransposedConvolution,
}
