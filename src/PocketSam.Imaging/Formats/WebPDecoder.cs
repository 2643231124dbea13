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

    protected override ImageFormatException Failure(PictureSource source, SKCodecResult result)
    {
        uint promised = BinaryPrimitives.ReadUInt32LittleEndian(source.Bytes[4..]);
        return source.Error(
            promised > source.Bytes.Length - ChunkHeader ? "truncated WebP" : $"damaged WebP ({Reason(result)})");
    }
}
