namespace PocketSam.Kernels.Ops;

/// <summary>
/// Channels of a picture <c>[height, width, channels]</c>. They may lie between other channels of the same pixels, so that maps which
/// are joined are written and read where they lie.
/// </summary>
/// <param name="Address">The first channel of the first pixel.</param>
/// <param name="Height">Rows.</param>
/// <param name="Width">Pixels in a row.</param>
/// <param name="Channels">Values of a pixel.</param>
/// <param name="Stride">Floats from one pixel to the next.</param>
internal readonly unsafe record struct FeatureMap(nint Address, int Height, int Width, int Channels, int Stride)
{
    public FeatureMap(float* data, int height, int width, int channels)
        : this((nint)data, height, width, channels, channels)
    {
    }

    /// <summary>The first channel of the first pixel.</summary>
    public float* Data => (float*)Address;

    public int Pixels => Height * Width;

    /// <summary>Some of the channels.</summary>
    public FeatureMap Slice(int first, int count)
        => this with { Address = Address + first * sizeof(float), Channels = count };
}
