using SkiaSharp;

namespace PocketSam.Imaging.Formats;

/// <summary>The largest picture of a Windows icon. Transparent pixels keep their stored colour.</summary>
internal sealed class IcoDecoder : SkiaDecoder
{
    private const int EntryLength = 16;

    protected override string Format => "ICO";

    protected override SKEncodedImageFormat SkiaFormat => SKEncodedImageFormat.Ico;

    /// <summary>The signature of an icon, at least one entry, and a reserved byte of zero in the first entry.</summary>
    protected override bool Recognises(ReadOnlySpan<byte> bytes)
        => bytes.StartsWith<byte>([0, 0, 1, 0]) && bytes.Length >= EntryLength
            && (bytes[4] | bytes[5]) != 0 && bytes[9] == 0;
}
