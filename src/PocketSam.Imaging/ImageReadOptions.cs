namespace PocketSam.Imaging;

/// <summary>How <see cref="ImageFile"/> reads a picture.</summary>
public sealed record ImageReadOptions
{
    private readonly int _maxPixels = ImageFile.MaxPixels;
    private readonly int? _sampleBits;

    /// <summary>
    /// A picture with more pixels is refused from its header, before memory is taken for it: 1 to 536 million,
    /// <see cref="ImageFile.MaxPixels"/> by default.
    /// </summary>
    public int MaxPixels
    {
        get => _maxPixels;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, ImageFile.PixelLimit);
            _maxPixels = value;
        }
    }

    /// <summary>
    /// How many bits the 16-bit samples of a PNG or TIFF use, 8 to 16: a sample of <c>2^bits - 1</c> and above becomes
    /// 255. By default (null) as many as the greatest sample of the picture needs, but at least 8, so that what a camera
    /// of 10, 12 or 14 bits writes is not nearly black. 16 takes samples as they are.
    /// </summary>
    public int? SampleBits
    {
        get => _sampleBits;
        init
        {
            if (value is < 8 or > 16)
                throw new ArgumentOutOfRangeException(nameof(value), value, "samples use 8 to 16 bits");
            _sampleBits = value;
        }
    }

    /// <summary>
    /// Whether the picture is taken as it is stored, without its EXIF orientation: for masks that were drawn by programs that
    /// do not know of it. False by default.
    /// </summary>
    public bool IgnoresOrientation { get; init; }

    /// <summary>Told the EXIF orientation, 2 to 8, of a picture that has one. Called before the reading returns.</summary>
    public Action<int>? Oriented { get; init; }

    /// <summary>
    /// Told, in one line that names the file, what of a picture is not as a viewer would show it: 16-bit samples that are
    /// stretched or nearly black, further pages or frames that are not read. Called before the reading returns.
    /// </summary>
    public Action<string>? Notice { get; init; }
}
