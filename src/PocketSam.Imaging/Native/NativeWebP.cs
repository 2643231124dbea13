using System.Runtime.InteropServices;

namespace PocketSam.Imaging.Native;

/// <summary>The part of libwebp's simple interface that is used here (webp/decode.h).</summary>
internal static partial class NativeWebP
{
    public const string Import = "webp";

    [LibraryImport(Import, EntryPoint = "WebPGetInfo")]
    public static partial int GetInfo(ReadOnlySpan<byte> data, nuint size, out int width, out int height);

    /// <summary>Null when the picture cannot be decoded.</summary>
    [LibraryImport(Import, EntryPoint = "WebPDecodeRGBInto")]
    public static partial nint DecodeRgb(
        ReadOnlySpan<byte> data, nuint size, Span<byte> pixels, nuint capacity, int stride);
}
