using System.Runtime.CompilerServices;

namespace PocketSam.Kernels;

/// <summary>
/// Work memory of one thread, aligned to 64 bytes and kept between calls. Each slot has one user at a time: the content
/// is lost when the kernel, or a kernel that it calls, gets the same slot again.
/// </summary>
internal static unsafe class Scratch
{
    [ThreadStatic]
    private static float[]?[]? _slots;

    public enum Slot
    {
        PackedPanel,
        PackedLeft,
        Scores,
        ScoresGradient,
        Rows,
        Zeros,
        Ring,
        Hidden,
        Tokens,
        Projected,
        Index,
        PackedKeys,
        Tile,
        QuantizedLeft,
    }

    /// <summary>At least <paramref name="count"/> floats, not initialised.</summary>
    public static float* Get(Slot slot, nint count)
    {
        float[]?[] slots = _slots ??= new float[]?[Enum.GetValues<Slot>().Length];
        float[]? buffer = slots[(int)slot];
        if (buffer is null || buffer.Length < count + 16)
        {
            buffer = GC.AllocateUninitializedArray<float>(checked((int)count) + 16, pinned: true);
            slots[(int)slot] = buffer;
        }

        return AlignUp((float*)Unsafe.AsPointer(ref buffer[0]));
    }

    /// <summary><paramref name="count"/> zeros, for reading only.</summary>
    public static float* Zeros(int count)
    {
        float* zeros = Get(Slot.Zeros, count);
        new Span<float>(zeros, count).Clear();
        return zeros;
    }

    /// <summary>The next address that is a multiple of 64.</summary>
    public static float* AlignUp(float* pointer) => (float*)(((nint)pointer + 63) & ~(nint)63);
}
