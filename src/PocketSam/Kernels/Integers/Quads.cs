using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace PocketSam.Kernels.Integers;

/// <summary>Four bytes, unsigned by signed: <c>vpdpbusd</c> of AVX-VNNI.</summary>
internal readonly struct Quads : IIntegerProducts<Vector256<int>>
{
    public static int Group => 4;

    public static int Offset => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> MultiplyAdd(Vector256<int> sum, Vector256<int> left, Vector256<int> right)
        => AvxVnni.MultiplyWideningAndAdd(sum, left.AsByte(), right.AsSByte());
}
