using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace PocketSam.Kernels.Integers;

/// <summary>Pairs of 16 bits: <c>vpmaddwd</c> of AVX-512BW, AVX2 and SSE2; 32-bit products on other hardware.</summary>
internal readonly struct Pairs : IIntegerProducts<Vector512<int>>, IIntegerProducts<Vector256<int>>, IIntegerProducts<Vector128<int>>, IIntegerProducts<int>
{
    public static int Group => 2;

    public static int Offset => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> MultiplyAdd(Vector512<int> sum, Vector512<int> left, Vector512<int> right)
        => sum + Avx512BW.MultiplyAddAdjacent(left.AsInt16(), right.AsInt16());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> MultiplyAdd(Vector256<int> sum, Vector256<int> left, Vector256<int> right)
        => sum + Avx2.MultiplyAddAdjacent(left.AsInt16(), right.AsInt16());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> MultiplyAdd(Vector128<int> sum, Vector128<int> left, Vector128<int> right)
        => Sse2.IsSupported
            ? sum + Sse2.MultiplyAddAdjacent(left.AsInt16(), right.AsInt16())
            : sum + (left << 16 >> 16) * (right << 16 >> 16) + (left >> 16) * (right >> 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int MultiplyAdd(int sum, int left, int right)
        => sum + (short)left * (short)right + (left >> 16) * (right >> 16);
}
