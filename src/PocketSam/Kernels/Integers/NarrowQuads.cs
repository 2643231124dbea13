using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace PocketSam.Kernels.Integers;

/// <summary>
/// Four bytes, unsigned by signed, where no value of the right operand has a magnitude above
/// <see cref="IntegerForm.Narrow"/>, so that the sum of two products fits 16 bits: <c>vpmaddubsw</c> of AVX-512BW, AVX2
/// and SSSE3.
/// </summary>
internal readonly struct NarrowQuads : IIntegerProducts<Vector512<int>>, IIntegerProducts<Vector256<int>>, IIntegerProducts<Vector128<int>>
{
    public static int Group => 4;

    public static int Offset => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> MultiplyAdd(Vector512<int> sum, Vector512<int> left, Vector512<int> right)
        => sum + Avx512BW.MultiplyAddAdjacent(
            Avx512BW.MultiplyAddAdjacent(left.AsByte(), right.AsSByte()), Vector512.Create((short)1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> MultiplyAdd(Vector256<int> sum, Vector256<int> left, Vector256<int> right)
        => sum + Avx2.MultiplyAddAdjacent(
            Avx2.MultiplyAddAdjacent(left.AsByte(), right.AsSByte()), Vector256.Create((short)1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> MultiplyAdd(Vector128<int> sum, Vector128<int> left, Vector128<int> right)
        => sum + Sse2.MultiplyAddAdjacent(
            Ssse3.MultiplyAddAdjacent(left.AsByte(), right.AsSByte()), Vector128.Create((short)1));
}
