using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Kernels.Integers;

/// <summary>A loop written over lanes and their products; its fields are its arguments.</summary>
internal interface IIntegerKernel
{
    void Run<L, P, V>() where L : struct, IIntegerLanes<V> where P : struct, IIntegerProducts<V> where V : struct;
}

/// <summary>Chooses the integer multiplication of this machine.</summary>
internal static class IntegerForm
{
    /// <summary>
    /// The largest magnitude of weights for which the sum of two products with 255 fits 16 bits: 2 * 255 * 64 is below
    /// 32768. Such weights multiply faster where the hardware adds in 16 bits first.
    /// </summary>
    public const int Narrow = 64;

    /// <summary>The name of the form that is used for narrow weights.</summary>
    public static string Name
        => !Vector128.IsHardwareAccelerated ? "scalar"
        : UsesQuads ? "AVX-VNNI"
        : Dp.IsSupported ? "ARM dot product"
        : Simd.Width == 16 && Avx512BW.IsSupported ? "AVX-512BW"
        : Simd.Width >= 8 && Avx2.IsSupported ? "AVX2"
        : Ssse3.IsSupported ? "SSSE3" : "128 bits";

    /// <summary>AVX-VNNI at 256 bits multiplies as many values a cycle as the other forms at 512 bits.</summary>
    private static bool UsesQuads => AvxVnni.IsSupported && Simd.Width >= 8;

    /// <summary>Runs the kernel in the chosen form. The choice is a constant to the JIT.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="isNarrow">Whether every value of the right operand has a magnitude of at most
    /// <see cref="Narrow"/>.</param>
    public static void Run<TKernel>(in TKernel kernel, bool isNarrow) where TKernel : struct, IIntegerKernel
    {
        if (UsesQuads)
            Unsafe.AsRef(in kernel).Run<Lanes256, Quads, Vector256<int>>();
        else if (Vector128.IsHardwareAccelerated && Dp.IsSupported)
            Unsafe.AsRef(in kernel).Run<Lanes128, SignedQuads, Vector128<int>>();
        else if (isNarrow && Vector512.IsHardwareAccelerated && Avx512BW.IsSupported)
            Unsafe.AsRef(in kernel).Run<Lanes512, NarrowQuads, Vector512<int>>();
        else if (isNarrow && Vector256.IsHardwareAccelerated && Avx2.IsSupported)
            Unsafe.AsRef(in kernel).Run<Lanes256, NarrowQuads, Vector256<int>>();
        else if (isNarrow && Vector128.IsHardwareAccelerated && Ssse3.IsSupported)
            Unsafe.AsRef(in kernel).Run<Lanes128, NarrowQuads, Vector128<int>>();
        else if (Vector512.IsHardwareAccelerated && Avx512BW.IsSupported)
            Unsafe.AsRef(in kernel).Run<Lanes512, Pairs, Vector512<int>>();
        else if (Vector256.IsHardwareAccelerated && Avx2.IsSupported)
            Unsafe.AsRef(in kernel).Run<Lanes256, Pairs, Vector256<int>>();
        else if (Vector128.IsHardwareAccelerated)
            Unsafe.AsRef(in kernel).Run<Lanes128, Pairs, Vector128<int>>();
        else
            Unsafe.AsRef(in kernel).Run<LanesScalar, Pairs, int>();
    }
}
