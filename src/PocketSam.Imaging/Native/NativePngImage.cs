using System.Runtime.InteropServices;

namespace PocketSam.Imaging.Native;

/// <summary><c>png_image</c>. The library keeps its address between calls, so it must not move.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativePngImage
{
    public nint Opaque;
    public uint Version;
    public uint Width;
    public uint Height;
    public uint Format;
    public uint Flags;
    public uint ColorMapEntries;
    public uint WarningOrError;
    public fixed byte MessageBytes[64];

    public readonly string Message
    {
        get
        {
            fixed (byte* text = MessageBytes)
                return Marshal.PtrToStringUTF8((nint)text) ?? "";
        }
    }
}
