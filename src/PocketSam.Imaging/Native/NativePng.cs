using System.Runtime.InteropServices;

namespace PocketSam.Imaging.Native;

/// <summary>
/// libpng's simplified interface (png.h). It is the only one managed code can use: the classic one reports errors by
/// jumping over its callers' frames.
/// </summary>
internal static unsafe partial class NativePng
{
    public const string Import = "png16";

    public const uint Version = 1;
    public const uint FormatGray = 0;
    public const uint FormatRgb = 2;
    public const uint FormatRgba = 3;
    public const uint FormatRgbaColorMap = 11;
    public const uint FlagFast = 2;
    public const uint FlagSixteenBitSrgb = 4;

    [LibraryImport(Import, EntryPoint = "png_image_begin_read_from_memory")]
    public static partial int BeginRead(NativePngImage* image, byte* png, nuint size);

    [LibraryImport(Import, EntryPoint = "png_image_finish_read")]
    public static partial int FinishRead(
        NativePngImage* image, nint background, byte* pixels, int rowStride, nint colorMap);

    [LibraryImport(Import, EntryPoint = "png_image_write_to_memory")]
    public static partial int Write(
        NativePngImage* image,
        byte* png,
        ref nuint size,
        int convertTo8Bit,
        byte* pixels,
        int rowStride,
        nint colorMap);

    [LibraryImport(Import, EntryPoint = "png_image_free")]
    public static partial void Free(NativePngImage* image);
}
