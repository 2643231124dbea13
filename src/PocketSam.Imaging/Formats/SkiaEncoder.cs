using SkiaSharp;

namespace PocketSam.Imaging.Formats;

/// <summary>Encodes pictures with Skia's encoders.</summary>
internal static class SkiaEncoder
{
    private const int MaxJpegSide = 65500;
    private const int MaxWebPSide = 16383;

    // From this quality on chroma keeps its full resolution: halved, it would blur thin coloured outlines.
    private const int FullChromaQuality = 90;

    private const int LosslessQuality = 100;

    // Effort of lossless WebP, 0 to 100; more takes several times as long and saves a few percent.
    private const int LosslessEffort = 25;

    // The fastest level: files of photos are a few percent larger than at the best level, in a fraction of its time.
    private static readonly SKPngEncoderOptions FastPng = new(SKPngEncoderFilterFlags.Sub, 1);
    private static readonly SKPngEncoderOptions MaskPng = new(SKPngEncoderFilterFlags.NoFilters, 6);

    public static byte[] EncodePng(RgbImage image, string name)
        => Encode(image, pixmap => pixmap.Encode(FastPng), "PNG", name);

    /// <summary>
    /// Chroma keeps its full resolution from quality 90 on, and has half of it in both directions below.
    /// </summary>
    public static byte[] EncodeJpeg(RgbImage image, int quality, string name)
    {
        RequireSide(image, MaxJpegSide, "JPEG", name);
        SKJpegEncoderDownsample chroma = quality >= FullChromaQuality
            ? SKJpegEncoderDownsample.Downsample444
            : SKJpegEncoderDownsample.Downsample420;
        var options = new SKJpegEncoderOptions(quality, chroma, SKJpegEncoderAlphaOption.Ignore);
        return Encode(image, pixmap => pixmap.Encode(options), "JPEG", name);
    }

    /// <summary>Lossless at quality 100.</summary>
    public static byte[] EncodeWebP(RgbImage image, int quality, string name)
    {
        RequireSide(image, MaxWebPSide, "WebP", name);
        SKWebpEncoderOptions options = quality == LosslessQuality
            ? new(SKWebpEncoderCompression.Lossless, LosslessEffort)
            : new(SKWebpEncoderCompression.Lossy, quality);
        return Encode(image, pixmap => pixmap.Encode(options), "WebP", name);
    }

    /// <summary>8-bit greyscale: 255 inside the mask, 0 outside.</summary>
    public static byte[] EncodePng(BinaryMask mask, string name)
    {
        var info = new SKImageInfo(mask.Width, mask.Height, SKColorType.Gray8, SKAlphaType.Opaque);
        return Encode(info, mask.ToBytes(byte.MaxValue), pixmap => pixmap.Encode(MaskPng), "PNG", name);
    }

    /// <summary>8-bit RGBA, not premultiplied.</summary>
    public static byte[] EncodePng(int width, int height, ReadOnlySpan<byte> rgba, string name)
    {
        var info = new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        return Encode(info, rgba, pixmap => pixmap.Encode(FastPng), "PNG", name);
    }

    private static byte[] Encode(RgbImage image, Func<SKPixmap, SKData?> encode, string format, string name)
    {
        SKImageInfo info = SkiaPixels.InfoOf(image);
        using var pixels = new NativeBuffer(info.BytesSize64);
        for (int y = 0; y < image.Height; y++)
            SkiaPixels.Expand(image, y, pixels.Slice((long)y * info.RowBytes, info.RowBytes));
        unsafe
        {
            return Encode(info, (nint)pixels.Pointer, encode, format, name);
        }
    }

    private static unsafe byte[] Encode(
        SKImageInfo info, ReadOnlySpan<byte> pixels, Func<SKPixmap, SKData?> encode, string format, string name)
    {
        fixed (byte* first = pixels)
            return Encode(info, (nint)first, encode, format, name);
    }

    private static byte[] Encode(
        SKImageInfo info, nint pixels, Func<SKPixmap, SKData?> encode, string format, string name)
    {
        SkiaLibrary.Require();
        using var pixmap = new SKPixmap(info, pixels, info.RowBytes);
        using SKData? data = encode(pixmap);
        return data?.ToArray() ?? throw new ImageFormatException(
            name, $"{info.Width}x{info.Height} cannot be written as {format}");
    }

    private static void RequireSide(RgbImage image, int side, string format, string name)
    {
        if (image.Width > side || image.Height > side)
        {
            throw new ImageFormatException(
                name, $"{image.Width}x{image.Height} is too large for a {format} ({side} a side)");
        }
    }
}
