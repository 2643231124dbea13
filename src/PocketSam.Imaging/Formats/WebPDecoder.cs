using System.Buffers.Binary;
using PocketSam.Imaging.Native;

namespace PocketSam.Imaging.Formats;

/// <summary>Still WebP through libwebp, lossy and lossless; alpha is dropped without compositing.</summary>
internal sealed class WebPDecoder : PictureDecoder
{
    private const int RiffHeader = 12;
    private const int ChunkHeader = 8;
    private const int FlagsOffset = 20;
    private const int AnimationFlag = 2;

    protected override string Format => "WebP";

    public override PictureHeader ReadHeader(PictureSource source)
    {
        NativeDependency.WebP.Require();
        if (NativeWebP.GetInfo(source.Bytes, (nuint)source.Bytes.Length, out int width, out int height) == 0)
            throw Damaged(source);
        if (source.Bytes[RiffHeader..].StartsWith("VP8X"u8) && (source.Bytes[FlagsOffset] & AnimationFlag) != 0)
            throw source.Error("an animated WebP; only still pictures are read");
        return new PictureHeader(width, height, ReadOrientation(source.Bytes));
    }

    protected override bool Recognises(ReadOnlySpan<byte> bytes)
        => bytes.Length >= RiffHeader && bytes.StartsWith("RIFF"u8) && bytes[8..].StartsWith("WEBP"u8);

    protected override void DecodePixels(PictureSource source, PictureHeader header, Span<byte> rgb)
    {
        nint decoded = NativeWebP.DecodeRgb(
            source.Bytes, (nuint)source.Bytes.Length, rgb, (nuint)rgb.Length, 3 * header.Width);
        if (decoded == 0)
            throw Damaged(source);
    }

    private static ImageFormatException Damaged(PictureSource source)
    {
        uint promised = BinaryPrimitives.ReadUInt32LittleEndian(source.Bytes[4..]);
        return source.Error(promised > source.Bytes.Length - ChunkHeader ? "truncated WebP" : "damaged WebP");
    }

    /// <summary>Walks the RIFF chunks (name, little-endian length, data padded to even) to the EXIF block.</summary>
    private static int ReadOrientation(ReadOnlySpan<byte> webP)
    {
        ReadOnlySpan<byte> rest = webP[RiffHeader..];
        while (rest.Length >= ChunkHeader)
        {
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]);
            if (length > rest.Length - ChunkHeader)
                break;
            if (rest.StartsWith("EXIF"u8))
                return Exif.ReadOrientation(rest.Slice(ChunkHeader, (int)length));
            int padded = (int)Math.Min(ChunkHeader + length + (length & 1), rest.Length);
            rest = rest[padded..];
        }

        return Orientation.Normal;
    }
}
