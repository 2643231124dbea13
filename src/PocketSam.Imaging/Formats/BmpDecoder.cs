using System.Buffers.Binary;
using SkiaSharp;

namespace PocketSam.Imaging.Formats;

/// <summary>Windows and OS/2 bitmaps; alpha is dropped without compositing.</summary>
internal sealed class BmpDecoder : SkiaDecoder
{
    private const int HeaderSizeOffset = 14;

    protected override string Format => "BMP";

    protected override SKEncodedImageFormat SkiaFormat => SKEncodedImageFormat.Bmp;

    /// <summary>
    /// The two letters of the signature are weak evidence, so the size of the second header must also be a known one.
    /// </summary>
    protected override bool Recognises(ReadOnlySpan<byte> bytes)
        => bytes.StartsWith("BM"u8) && bytes.Length >= HeaderSizeOffset + 4
            && BinaryPrimitives.ReadUInt32LittleEndian(bytes[HeaderSizeOffset..])
                is 12 or 16 or 40 or 52 or 56 or 64 or 108 or 124;
}
