using SkiaSharp;

namespace PocketSam.Imaging.Formats;

/// <summary>
/// A format that Skia decodes. Samples are kept as stored: alpha not premultiplied, no colour profile applied.
/// </summary>
internal abstract class SkiaDecoder : PictureDecoder
{
    /// <summary>Skia's name of the format.</summary>
    protected abstract SKEncodedImageFormat SkiaFormat { get; }

    public override unsafe PictureHeader ReadHeader(PictureSource source)
    {
        fixed (byte* data = source.Bytes)
        {
            using SKCodec codec = Open(source, data, source.Bytes.Length);
            return new PictureHeader(codec.Info.Width, codec.Info.Height, (int)codec.EncodedOrigin);
        }
    }

    protected override unsafe void DecodePixels(
        PictureSource source, RgbImage stored, ImageReadOptions options, CancellationToken cancellation)
    {
        fixed (byte* data = source.Bytes)
        {
            using SKCodec codec = Open(source, data, source.Bytes.Length);
            DecodeWhole(source, codec, stored);
        }

        cancellation.ThrowIfCancellationRequested();
    }

    /// <summary>Opens a codec over data that the caller keeps pinned until the codec is disposed of.</summary>
    protected unsafe SKCodec Open(PictureSource source, byte* data, int length)
    {
        SkiaLibrary.Require();
        using SKData memory = SKData.Create((nint)data, length);
        SKCodec? codec = SKCodec.Create(new SKMemoryStream(memory), out SKCodecResult result);
        if (codec is null)
            throw Failure(source, result);
        SKImageInfo info = codec.Info;
        if (codec.EncodedFormat == SkiaFormat && info.Width > 0 && info.Height > 0)
            return codec;
        codec.Dispose();
        throw source.Error($"damaged {Format} (bad header)");
    }

    /// <summary>Decodes all pixels at once, through a buffer of RGBA.</summary>
    protected void DecodeWhole(PictureSource source, SKCodec codec, RgbImage stored)
    {
        SKImageInfo info = Stored(stored);
        using NativeBuffer pixels = Decode(source, codec, info);
        Pack(pixels, info, PixelLayout.Rgba, stored);
    }

    /// <summary>Decodes all pixels in the requested form. The caller disposes of the buffer.</summary>
    protected unsafe NativeBuffer Decode(PictureSource source, SKCodec codec, SKImageInfo info)
    {
        var pixels = new NativeBuffer(info.BytesSize64);
        SKCodecResult result = codec.GetPixels(info, (nint)pixels.Pointer);
        if (result == SKCodecResult.Success)
            return pixels;
        pixels.Dispose();
        throw Failure(source, result);
    }

    protected static void Pack(NativeBuffer pixels, SKImageInfo info, PixelLayout layout, RgbImage stored)
    {
        for (int y = 0; y < stored.Height; y++)
            stored.SetRows(y, 1, pixels.Slice((long)y * info.RowBytes, info.RowBytes), layout);
    }

    /// <summary>The error for a failure of Skia.</summary>
    protected virtual ImageFormatException Failure(PictureSource source, SKCodecResult result) => result switch
    {
        SKCodecResult.IncompleteInput => source.Error($"truncated {Format}"),
        SKCodecResult.InternalError => throw new OutOfMemoryException($"{source.Name}: no memory to decode it"),
        _ => source.Error($"damaged {Format} ({Reason(result)})"),
    };

    protected static string Reason(SKCodecResult result) => result switch
    {
        SKCodecResult.IncompleteInput => "its data end early",
        SKCodecResult.ErrorInInput => "an error in its data",
        _ => "it cannot be decoded",
    };

    protected static SKImageInfo Stored(RgbImage stored)
        => new(stored.Width, stored.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
}
