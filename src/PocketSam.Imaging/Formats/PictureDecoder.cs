using System.Globalization;

namespace PocketSam.Imaging.Formats;

/// <summary>One file format: its signature, its header, its pixels as stored.</summary>
internal abstract class PictureDecoder
{
    private static readonly PictureDecoder[] All = [new JpegDecoder(), new PngDecoder(), new WebPDecoder()];

    /// <summary>Bytes that tell any of the formats.</summary>
    public const int SignatureLength = 12;

    protected abstract string Format { get; }

    /// <summary>The decoder whose signature the file begins with, whatever the file is called.</summary>
    public static PictureDecoder For(PictureSource source)
    {
        if (source.Bytes.IsEmpty)
            throw source.Error("empty file");
        return Find(source.Bytes) ?? throw source.Error("not a JPEG, PNG or WebP picture");
    }

    /// <summary>The same, or null where there is none.</summary>
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

    /// <summary>The upright picture, refused from its header alone if it has too many pixels.</summary>
    public RgbImage Decode(PictureSource source, int maxPixels)
    {
        PictureHeader header = ReadHeader(source);
        long pixels = (long)header.Width * header.Height;
        if (pixels > maxPixels)
        {
            throw source.Error(
                $"a {Megapixels(pixels)}-megapixel {Format} ({header.Width}x{header.Height}); "
                + $"the limit is {Megapixels(maxPixels)} megapixels");
        }

        RequireData(source, header);
        var stored = new RgbImage(header.Width, header.Height);
        DecodePixels(source, header, stored.Pixels);
        return Orientation.Upright(stored, header.Orientation);
    }

    protected abstract bool Recognises(ReadOnlySpan<byte> bytes);

    /// <summary>Refuses a file that is too short for its picture, before memory is taken for it.</summary>
    protected virtual void RequireData(PictureSource source, PictureHeader header)
    {
    }

    protected abstract void DecodePixels(PictureSource source, PictureHeader header, Span<byte> rgb);

    private static string Megapixels(long pixels) => (pixels / 1e6).ToString("0.##", CultureInfo.InvariantCulture);
}
