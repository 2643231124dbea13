using System.Globalization;

namespace PocketSam.Imaging.Formats;

/// <summary>
/// Decoder of one file format: recognises its signature, reads its header, decodes its pixels as stored.
/// </summary>
internal abstract class PictureDecoder
{
    private static readonly PictureDecoder[] All =
    [
        new JpegDecoder(), new PngDecoder(), new WebPDecoder(), new TiffDecoder(), new GifDecoder(), new BmpDecoder(),
        new IcoDecoder(),
    ];

    /// <summary>Number of leading bytes that identify any of the formats.</summary>
    public const int SignatureLength = 18;

    /// <summary>The format's name in messages.</summary>
    protected abstract string Format { get; }

    /// <summary>The decoder whose signature the file begins with; the file's extension does not matter.</summary>
    /// <exception cref="ImageFormatException">The file is empty, or has no known signature.</exception>
    public static PictureDecoder For(PictureSource source)
    {
        if (source.Bytes.IsEmpty)
            throw source.Error("empty file");
        return Find(source.Bytes) ?? throw source.Error(
            UnreadFormat.Describe(source.Bytes) ?? "not a JPEG, PNG, WebP, TIFF, GIF, BMP or ICO picture");
    }

    /// <summary>The decoder whose signature the bytes begin with, or null.</summary>
    public static PictureDecoder? Find(ReadOnlySpan<byte> bytes)
    {
        foreach (PictureDecoder decoder in All)
        {
            if (decoder.Recognises(bytes))
                return decoder;
        }

        return null;
    }

    public abstract PictureHeader ReadHeader(PictureSource source);

    /// <summary>
    /// Decodes the picture, upright unless the options ignore the orientation. A picture with too many pixels is
    /// refused by its header alone.
    /// </summary>
    public RgbImage Decode(PictureSource source, ImageReadOptions options, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        PictureHeader header = ReadHeader(source);
        long pixels = (long)header.Width * header.Height;
        if (pixels > options.MaxPixels)
        {
            throw source.Error(
                $"a {Megapixels(pixels)}-megapixel {Format} ({header.Width}x{header.Height}); "
                + $"the limit is {Megapixels(options.MaxPixels)} megapixels");
        }

        RequireData(source, header, options);
        byte[] rgb = GC.AllocateUninitializedArray<byte>(checked(3 * (int)pixels));
        var stored = new RgbImage(header.Width, header.Height, rgb);
        DecodePixels(source, stored, options, cancellation);
        if (header.Orientation != Orientation.Normal)
            options.Oriented?.Invoke(header.Orientation);
        return options.IgnoresOrientation ? stored : Orientation.Upright(stored, header.Orientation);
    }

    protected abstract bool Recognises(ReadOnlySpan<byte> bytes);

    /// <summary>
    /// Refuses a file that is too short for its picture or would take too long to decode, before memory is allocated.
    /// </summary>
    protected virtual void RequireData(PictureSource source, PictureHeader header, ImageReadOptions options)
    {
    }

    protected abstract void DecodePixels(
        PictureSource source, RgbImage stored, ImageReadOptions options, CancellationToken cancellation);

    protected static string Megapixels(long pixels) => (pixels / 1e6).ToString("0.##", CultureInfo.InvariantCulture);
}
