using System.Runtime.InteropServices;

namespace PocketSam.Imaging.Native;

/// <summary>The part of TurboJPEG's 2.x interface that is used here (turbojpeg.h).</summary>
internal static partial class NativeTurboJpeg
{
    public const string Import = "turbojpeg";

    public const int PixelFormatRgb = 0;
    public const int PixelFormatCmyk = 11;

    public const int Subsampling444 = 0;
    public const int Subsampling420 = 2;

    public const int ColorSpaceCmyk = 3;
    public const int ColorSpaceYcck = 4;

    public const int FlagAccurateDct = 4096;
    public const int FlagLimitScans = 32768;

    public const int SeverityWarning = 0;

    [LibraryImport(Import, EntryPoint = "tjInitDecompress")]
    public static partial nint InitDecompress();

    [LibraryImport(Import, EntryPoint = "tjInitCompress")]
    public static partial nint InitCompress();

    [LibraryImport(Import, EntryPoint = "tjDestroy")]
    public static partial int Destroy(nint handle);

    [LibraryImport(Import, EntryPoint = "tjDecompressHeader3")]
    public static partial int DecompressHeader(
        nint handle,
        ReadOnlySpan<byte> jpeg,
        CULong size,
        ref int width,
        ref int height,
        ref int subsampling,
        ref int colorSpace);

    [LibraryImport(Import, EntryPoint = "tjDecompress2")]
    public static partial int Decompress(
        nint handle,
        ReadOnlySpan<byte> jpeg,
        CULong size,
        Span<byte> pixels,
        int width,
        int pitch,
        int height,
        int pixelFormat,
        int flags);

    [LibraryImport(Import, EntryPoint = "tjCompress2")]
    public static partial int Compress(
        nint handle,
        ReadOnlySpan<byte> pixels,
        int width,
        int pitch,
        int height,
        int pixelFormat,
        ref nint jpeg,
        ref CULong size,
        int subsampling,
        int quality,
        int flags);

    [LibraryImport(Import, EntryPoint = "tjFree")]
    public static partial void Free(nint buffer);

    [LibraryImport(Import, EntryPoint = "tjGetErrorStr2")]
    private static partial nint GetErrorString(nint handle);

    [LibraryImport(Import, EntryPoint = "tjGetErrorCode")]
    public static partial int GetErrorSeverity(nint handle);

    /// <summary>Why the last call failed, or the first thing it warned of.</summary>
    public static string GetMessage(nint handle) => Marshal.PtrToStringUTF8(GetErrorString(handle)) ?? "unknown error";
}
