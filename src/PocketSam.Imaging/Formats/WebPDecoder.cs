using System.Buffers.Binary;
using SkiaSharp;

namespace PocketSam.Imaging.Formats;

/// <summary>Still WebP, lossy and lossless; alpha is dropped without compositing.</summary>
internal sealed class WebPDecoder : SkiaDecoder
{
    private const int RiffHeader = 12;
    private const int ChunkHeader = 8;
    private const int FlagsOffset = 20;
    private const int AnimationFlag = 2;

    protected override string Format => "WebP";

    protected override SKEncodedImageFormat SkiaFormat => SKEncodedImageFormat.Webp;

    public override PictureHeader ReadHeader(PictureSource source)
    {
        ReadOnlySpan<byte> webP = source.Bytes;
        if (webP.Length > FlagsOffset && webP[RiffHeader..].StartsWith("VP8X"u8) && (webP[FlagsOffset] & AnimationFlag) != 0)
            throw source.Error("an animated WebP; only still pictures are read");
        return base.ReadHeader(source);
    }

    protected override bool Recognises(ReadOnlySpan<byte> bytes)
        => bytes.Length >= RiffHeader && bytes.StartsWith("RIFF"u8) && bytes[8..].StartsWith("WEBP"u8);

    /// <summary>Refuses incomplete files, of which Skia may decode a part without an error.</summary>
    protected override void RequireData(PictureSource source, PictureHeader header, ImageReadOptions options)
    {
        if (IsCutOff(source.Bytes))
            throw source.Error("truncated WebP");
    }

    protected override ImageFormatException Failure(PictureSource source, SKCodecResult result)
        => source.Error(IsCutOff(source.Bytes) ? "truncated WebP" : $"damaged WebP ({Reason(result)})");

    private static bool IsCutOff(ReadOnlySpan<byte> webP)
        => BinaryPrimitives.ReadUInt32LittleEndian(webP[4..]) > webP.Length - ChunkHeader;
}
