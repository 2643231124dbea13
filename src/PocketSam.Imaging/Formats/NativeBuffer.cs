using System.Runtime.InteropServices;

namespace PocketSam.Imaging.Formats;

/// <summary>
/// Zeroed native memory that is freed on disposal, for large short-lived buffers that should not burden the garbage
/// collector.
/// </summary>
internal sealed unsafe class NativeBuffer : IDisposable
{
    public NativeBuffer(long length)
    {
        Length = length;
        Pointer = (byte*)NativeMemory.AllocZeroed(checked((nuint)length));
    }

    public byte* Pointer { get; private set; }

    public long Length { get; }

    public Span<byte> Slice(long start, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + length, Length);
        ObjectDisposedException.ThrowIf(Pointer is null, this);
        return new Span<byte>(Pointer + start, length);
    }

    public void Dispose()
    {
        NativeMemory.Free(Pointer);
        Pointer = null;
    }
}
