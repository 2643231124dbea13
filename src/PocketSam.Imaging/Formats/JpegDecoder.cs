using SkiaSharp;

namespace PocketSam.Imaging.Formats;

/// <summary>
/// JPEG, with the accurate DCT and smooth chroma upsampling: the pixels of libjpeg's defaults. CMYK is read in Adobe's
/// convention with or without Adobe's marker, as browsers do: 255 means no ink, and a channel of RGB is the ink's value
/// times black's.
/// </summary>
internal sealed class JpegDecoder : SkiaDecoder
{
    private const int MaxScans = 500;

    // Largest total of scanned pixels, in pictures of the largest allowed size. Encoders write 10 to 14 scans.
    private const int ScanBudget = 20;

    // For smaller pictures threads cost more than they save; with more parts, the last ones mostly skip rows.
    private const int PixelsWorthSharing = 1 << 20;
    private const int MaxParts = 4;

    // More bytes than the decoder reads ahead.
    private const int FillerLength = 32;

    protected override string Format => "JPEG";

    protected override SKEncodedImageFormat SkiaFormat => SKEncodedImageFormat.Jpeg;

    protected override bool Recognises(ReadOnlySpan<byte> bytes) => bytes.StartsWith<byte>([0xFF, 0xD8, 0xFF]);

    protected override void RequireData(PictureSource source, PictureHeader header, ImageReadOptions options)
    {
        JpegLayout layout = JpegLayout.Of(source.Bytes);
        long pixels = (long)header.Width * header.Height;
        if (layout.Scans > MaxScans || layout.Scans * pixels > (long)ScanBudget * options.MaxPixels)
        {
            throw source.Error(
                $"a JPEG of {layout.Scans} scans over {Megapixels(pixels)} megapixels; the limit is {MaxScans} scans, and "
                + $"{Megapixels((long)ScanBudget * options.MaxPixels)} megapixels of all scans together");
        }

        if (layout.End < 0)
            throw source.Error("truncated JPEG");
    }

    protected override unsafe void DecodePixels(
        PictureSource source, RgbImage stored, ImageReadOptions options, CancellationToken cancellation)
    {
        ReadOnlySpan<byte> jpeg = source.Bytes;
        JpegLayout layout = JpegLayout.Of(jpeg);
        bool isOneScan = layout.Scans == 1;
        if (isOneScan)
            jpeg = WithoutEnd(jpeg[..layout.End]);
        SKCodecResult result;
        fixed (byte* data = jpeg)
        {
            int parts = isOneScan && stored.Width * stored.Height >= PixelsWorthSharing
                ? Math.Min(Environment.ProcessorCount, MaxParts)
                : 1;
            result = JpegRows.Decode((nint)data, jpeg.Length, stored, parts, cancellation);
        }

        if (result != SKCodecResult.Success)
            throw Failure(source, result);
    }

    protected override ImageFormatException Failure(PictureSource source, SKCodecResult result)
        => source.Error(
            result == SKCodecResult.IncompleteInput || JpegLayout.Of(source.Bytes).End < 0
                ? "truncated JPEG"
                : $"damaged JPEG ({Reason(result)})");

    /// <summary>
    /// Replaces the end marker with zeros. libjpeg silently fills missing data before an end marker; without the marker
    /// it reports that data is missing. This holds for a single scan only: with several scans libjpeg needs the marker,
    /// and does not detect missing data.
    /// </summary>
    private static byte[] WithoutEnd(ReadOnlySpan<byte> jpeg)
    {
        byte[] data = GC.AllocateUninitializedArray<byte>(jpeg.Length + FillerLength);
        jpeg.CopyTo(data);
        data.AsSpan(jpeg.Length).Clear();
        return data;
    }
}
