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

    /// <summary>Keeps the floats alive, <see cref="Data"/> points into it; empty where they are native.</summary>
    public float[] Memory { get; }

    public nint Count { get; }

    /// <summary>Whether <see cref="Free"/> gives the memory back.</summary>
    public bool IsNative { get; }

    public float* Data { get; private set; }

    /// <summary>Whether a tape owns it; weights belong to nobody and outlive every computation.</summary>
    public bool OwnedByTape { get; set; }

    /// <summary>The weight whose values these are, if any.</summary>
    public Weight? Weight { get; set; }

    /// <summary>Whether a gradient with respect to this memory is asked for.</summary>
    public bool WantsGradient { get; set; }

    /// <summary>The gradient, once something contributed to it.</summary>
    public TensorBuffer? Gradient { get; set; }

    /// <summary>
    /// Memory with any content that <see cref="Free"/> gives back at once: for the values of large models, which are needed
    /// until they are packed and no longer.
    /// </summary>
    public static TensorBuffer AllocateNative(nint count) => new(count, hasMemory: true);

    /// <summary>What stands for the values of a computation that is only described.</summary>
    public static TensorBuffer WithoutMemory(nint count) => new(count, hasMemory: false);

    public static TensorBuffer Allocate(nint count)
        => new(GC.AllocateArray<float>(checked((int)count + 16), pinned: true), count);

    /// <summary>Gives native memory back; whoever does must be its only user.</summary>
    public void Free()
    {
        if (!IsNative)
            return;
        NativeMemory.AlignedFree(Data);
        Data = null;
        GC.SuppressFinalize(this);
    }
}
