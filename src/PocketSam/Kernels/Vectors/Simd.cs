using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace PocketSam.Kernels.Vectors;

/// <summary>A loop written over <see cref="ISimd{V}"/>; its fields are its arguments.</summary>
internal interface ISimdKernel
{
    void Run<S, V>() where S : struct, ISimd<V> where V : struct;
}

/// <summary>Chooses the vector width of this machine.</summary>
internal static class Simd
{
    /// <summary>Floats in the widest vector in use: 16, 8, 4 or 1.</summary>
    public static int Width
        => Vector512.IsHardwareAccelerated ? 16
        : Vector256.IsHardwareAccelerated ? 8
        : Vector128.IsHardwareAccelerated ? 4 : 1;

    /// <summary>Runs the kernel at the widest width. The choice is a constant to the JIT.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<TKernel>(in TKernel kernel) where TKernel : struct, ISimdKernel
    {
        if (Vector512.IsHardwareAccelerated)
            Unsafe.AsRef(in kernel).Run<Simd512, Vector512<float>>();
        else if (Vector256.IsHardwareAccelerated)
            Unsafe.AsRef(in kernel).Run<Simd256, Vector256<float>>();
        else if (Vector128.IsHardwareAccelerated)
            Unsafe.AsRef(in kernel).Run<Simd128, Vector128<float>>();
        else
            Unsafe.AsRef(in kernel).Run<SimdScalar, float>();
    }
}
