using SkiaSharp;

namespace PocketSam.Imaging.Formats;

/// <summary>The largest picture of a Windows icon; what is transparent keeps the colour that is stored.</summary>
internal sealed class IcoDecoder : SkiaDecoder
{
    private const int EntryLength = 16;

    protected override string Format => "ICO";

    protected override SKEncodedImageFormat SkiaFormat => SKEncodedImageFormat.Ico;

    /// <summary>An icon, at least one entry, whose reserved byte is zero.</summary>
    protected override bool Recognises(ReadOnlySpan<byte> bytes)
        => bytes.StartsWith<byte>([0, 0, 1, 0]) && bytes.Length >= EntryLength
            && (bytes[4] | bytes[5]) != 0 && bytes[9] == 0;
}
