namespace PocketSam.Kernels.Image;

/// <summary>Pillow's resampling filters (libImaging/Resample.c).</summary>
internal enum ResampleFilter
{
    /// <summary>A triangle, one pixel to each side (<c>Image.BILINEAR</c>).</summary>
    Bilinear,

    /// <summary>Keys's cubic with a = -1/2, two pixels to each side (<c>Image.BICUBIC</c>).</summary>
    Bicubic,
}
