using System.Runtime.CompilerServices;
using PocketSam.Kernels;

namespace PocketSam.Tensors;

/// <summary>The memory of a tensor and of its gradient: pinned floats aligned to 64 bytes.</summary>
internal sealed unsafe class TensorBuffer
{
    public TensorBuffer(float[] memory, nint count)
    {
        Memory = memory;
        Count = count;
        Data = Scratch.AlignUp((float*)Unsafe.AsPointer(ref memory[0]));
    }

    /// <summary>Keeps the floats alive; <see cref="Data"/> points into it.</summary>
    public float[] Memory { get; }

    public nint Count { get; }

    public float* Data { get; }

    /// <summary>Whether a tape owns it; weights belong to nobody and outlive every computation.</summary>
    public bool OwnedByTape { get; set; }

    /// <summary>Whether a gradient with respect to this memory is asked for.</summary>
    public bool WantsGradient { get; set; }

    /// <summary>The gradient, once something contributed to it.</summary>
    public TensorBuffer? Gradient { get; set; }

    public static TensorBuffer Allocate(nint count)
        => new(GC.AllocateArray<float>(checked((int)count + 16), pinned: true), count);
}
