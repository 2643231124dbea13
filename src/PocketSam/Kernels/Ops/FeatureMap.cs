namespace PocketSam.Kernels.Ops;

/// <summary>
/// A picture <c>[height, width, channels]</c>, which may be a slice of the channels of a wider map. Maps that are
/// joined later are written and read in place this way.
/// </summary>
/// <param name="Address">The first channel of the first pixel.</param>
/// <param name="Height">Rows.</param>
/// <param name="Width">Pixels in a row.</param>
/// <param name="Channels">Values in a pixel.</param>
/// <param name="Stride">Floats from one pixel to the next.</param>
internal readonly unsafe record struct FeatureMap(nint Address, int Height, int Width, int Channels, int Stride)
{
    public FeatureMap(float* data, int height, int width, int channels)
        : this((nint)data, height, width, channels, channels)
    {
    }

    /// <summary>
    /// The first channel of the first pixel. Not public: a record prints its public members, and a pointer cannot be
    /// printed, which compiling ahead of time refuses.
    /// </summary>
    internal float* Data => (float*)Address;

    public int Pixels => Height * Width;

    /// <summary>A range of the channels.</summary>
    public FeatureMap Slice(int first, int count)
        => this with { Address = Address + first * sizeof(float), Channels = count };
}
