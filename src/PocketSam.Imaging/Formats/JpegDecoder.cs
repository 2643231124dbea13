using SkiaSharp;

namespace PocketSam.Imaging.Formats;

/// <summary>
/// JPEG, with the slow accurate DCT and smooth chroma upsampling: the pixels of libjpeg's defaults. CMYK is taken as
/// Adobe's programs write it, marker or not, as browsers do: 255 is no ink, so a channel of RGB is its ink times black.
/// </summary>
internal sealed class JpegDecoder : SkiaDecoder
{
    private const int MaxScans = 500;

    // Scans of whole pictures of the greatest size that is allowed: what encoders write has 10 to 14.
    private const int ScanBudget = 20;

    // Below, threads take longer to start than they save; of more parts, the last ones have little but to skip.
    private const int PixelsWorthSharing = 1 << 20;
    private const int MaxParts = 4;

    // More than the decoder reads ahead.
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
    /// The decoder invents what is missing before a marker of the end, and does not say so. Without the marker it says
    /// that there is no more. Of several scans it needs the marker, and misses what is missing.
    /// </summary>
    private static byte[] WithoutEnd(ReadOnlySpan<byte> jpeg)
    {
        byte[] data = GC.AllocateUninitializedArray<byte>(jpeg.Length + FillerLength);
        jpeg.CopyTo(data);
        data.AsSpan(jpeg.Length).Clear();
        return data;
    }
}
