using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using PocketSam.Kernels;

namespace PocketSam.Tensors;

/// <summary>The memory of a tensor and of its gradient: pinned or native floats aligned to 64 bytes.</summary>
internal sealed unsafe class TensorBuffer
{
    private const int Alignment = 64;

    public TensorBuffer(float[] memory, nint count)
    {
        Memory = memory;
        Count = count;
        Data = Scratch.AlignUp((float*)Unsafe.AsPointer(ref memory[0]));
        GC.SuppressFinalize(this);
    }

    private TensorBuffer(nint count, bool hasMemory)
    {
        Memory = [];
        Count = count;
        if (!hasMemory)
        {
            GC.SuppressFinalize(this);
            return;
        }

        Data = (float*)NativeMemory.AlignedAlloc((nuint)Math.Max(1, count) * sizeof(float), Alignment);
        IsNative = true;
    }

    ~TensorBuffer() => Free();

    /// <summary>The array that <see cref="Data"/> points into; empty for native memory.</summary>
    public float[] Memory { get; }

    public nint Count { get; }

    /// <summary>Whether <see cref="Free"/> returns the memory.</summary>
    public bool IsNative { get; }

    public float* Data { get; private set; }

    /// <summary>The values, of a buffer over an array.</summary>
    public Memory<float> Values => Memory.AsMemory((int)(Data - (float*)Unsafe.AsPointer(ref Memory[0])), checked((int)Count));

    /// <summary>Whether a tape owns it; weights outlive every computation.</summary>
    public bool OwnedByTape { get; set; }

    /// <summary>The weight whose values these are; null for other tensors.</summary>
    public Weight? Weight { get; set; }

    /// <summary>Whether a gradient with respect to this memory is wanted.</summary>
    public bool WantsGradient { get; set; }

    /// <summary>The gradient; null before the first contribution.</summary>
    public TensorBuffer? Gradient { get; set; }

    /// <summary>
    /// Native memory, not initialised, that <see cref="Free"/> returns at once: for the values of large models, which
    /// are needed only until they are packed.
    /// </summary>
    public static TensorBuffer AllocateNative(nint count) => new(count, hasMemory: true);

    /// <summary>A buffer without memory, for computations that are described and not run.</summary>
    public static TensorBuffer WithoutMemory(nint count) => new(count, hasMemory: false);

    public static TensorBuffer Allocate(nint count)
        => new(GC.AllocateArray<float>(checked((int)count + 16), pinned: true), count);

    /// <summary>Returns native memory; the caller must be its only user.</summary>
    public void Free()
    {
        if (!IsNative)
            return;
        NativeMemory.AlignedFree(Data);
        Data = null;
        GC.SuppressFinalize(this);
    }
}
