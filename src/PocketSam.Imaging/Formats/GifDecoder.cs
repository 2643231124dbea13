using SkiaSharp;

namespace PocketSam.Imaging.Formats;

/// <summary>The first frame of a GIF. Transparent pixels become black.</summary>
internal sealed class GifDecoder : SkiaDecoder
{
    protected override string Format => "GIF";

    protected override SKEncodedImageFormat SkiaFormat => SKEncodedImageFormat.Gif;

    protected override bool Recognises(ReadOnlySpan<byte> bytes)
        => bytes.StartsWith("GIF87a"u8) || bytes.StartsWith("GIF89a"u8);

    protected override unsafe void DecodePixels(
        PictureSource source, RgbImage stored, ImageReadOptions options, CancellationToken cancellation)
    {
        fixed (byte* data = source.Bytes)
        {
            using SKCodec codec = Open(source, data, source.Bytes.Length);
            DecodeWhole(source, codec, stored);
            if (options.Notice is not null && codec.FrameCount > 1)
                options.Notice($"{source.Name}: an animated GIF; its first frame is read");
        }

        cancellation.ThrowIfCancellationRequested();
    }
}
