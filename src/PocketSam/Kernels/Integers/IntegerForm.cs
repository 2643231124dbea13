using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Kernels.Integers;

/// <summary>A loop written over <see cref="IIntegerSimd{V}"/>: its fields are its arguments.</summary>
internal interface IIntegerKernel
{
    void Run<I, V>() where I : struct, IIntegerSimd<V> where V : struct;
}

/// <summary>Chooses how whole numbers are multiplied on this machine.</summary>
internal static class IntegerForm
{
    /// <summary>What it is called.</summary>
    public static string Name
        => !Vector128.IsHardwareAccelerated ? "scalar"
        : UsesQuads256 ? "AVX-VNNI, 256 bits"
        : Simd.Width == 16 ? "AVX-512BW, 16 bits a value"
        : Simd.Width == 8 ? "AVX2, 16 bits a value"
        : Dp.IsSupported ? "ARM dot product" : "128 bits, 16 bits a value";

    /// <summary>Vectors of 512 bits of pairs and of 256 of bytes multiply as many values a cycle; bytes take half of the memory.</summary>
    private static bool UsesQuads256 => AvxVnni.IsSupported && Simd.Width >= 8;

    /// <summary>Runs the kernel in that form. The choice is a constant to the JIT.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<TKernel>(in TKernel kernel) where TKernel : struct, IIntegerKernel
    {
        if (UsesQuads256)
            Unsafe.AsRef(in kernel).Run<Quads256, Vector256<int>>();
        else if (Vector512.IsHardwareAccelerated && Avx512BW.IsSupported)
            Unsafe.AsRef(in kernel).Run<Pairs512, Vector512<int>>();
        else if (Vector256.IsHardwareAccelerated && Avx2.IsSupported)
            Unsafe.AsRef(in kernel).Run<Pairs256, Vector256<int>>();
        else if (Vector128.IsHardwareAccelerated && Dp.IsSupported)
            Unsafe.AsRef(in kernel).Run<Quads128, Vector128<int>>();
        else if (Vector128.IsHardwareAccelerated)
            Unsafe.AsRef(in kernel).Run<Pairs128, Vector128<int>>();
        else
            Unsafe.AsRef(in kernel).Run<PairsScalar, int>();
    }
}
