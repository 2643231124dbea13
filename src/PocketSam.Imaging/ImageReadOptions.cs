namespace PocketSam.Imaging;

/// <summary>Options for reading a picture with <see cref="ImageFile"/>.</summary>
public sealed record ImageReadOptions
{
    private readonly int _maxPixels = ImageFile.MaxPixels;
    private readonly int? _sampleBits;

    /// <summary>
    /// Largest number of pixels, 1 to 536 million; <see cref="ImageFile.MaxPixels"/> by default. A larger picture is
    /// refused by its header, before memory is allocated for it.
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
    /// Number of bits that the 16-bit samples of a PNG or TIFF use, 8 to 16: a sample of <c>2^bits - 1</c> or above
    /// becomes 255. By default (null) the number that the picture's largest sample needs, at least 8, so that pictures
    /// of cameras with 10, 12 or 14 bits are not nearly black. 16 does not stretch.
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
    /// Whether to ignore the EXIF orientation and return the picture as stored, for masks drawn by programs that do not
    /// apply the orientation. False by default.
    /// </summary>
    public bool IgnoresOrientation { get; init; }

    /// <summary>Receives the EXIF orientation, 2 to 8, of a picture that has one, before the read returns.</summary>
    public Action<int>? Oriented { get; init; }

    /// <summary>
    /// Receives, one line at a time with the file's name, what differs from what a viewer shows: 16-bit samples that
    /// are stretched or nearly black, further pages or frames that are not read. Called before the read returns.
    /// </summary>
    public Action<string>? Notice { get; init; }
}
