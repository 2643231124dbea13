using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace PocketSam.Kernels.Integers;

/// <summary>Pairs of 16 bits, 4 sums: SSE2, and any other hardware by 32-bit products.</summary>
internal readonly unsafe struct Pairs128 : IIntegerSimd<Vector128<int>>
{
    public static int Width => 4;

    public static int Group => 2;

    public static int Offset => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Load(void* source) => Vector128.Load((int*)source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Broadcast(int* source) => Vector128.Create(*source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> MultiplyAdd(Vector128<int> sum, Vector128<int> left, Vector128<int> right)
        => Sse2.IsSupported
            ? sum + Sse2.MultiplyAddAdjacent(left.AsInt16(), right.AsInt16())
            : sum + (left << 16 >> 16) * (right << 16 >> 16) + (left >> 16) * (right >> 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(
        float* target, Vector128<int> sum, int zero, int* columnSums, float scale, float* columnScales, bool accumulate)
    {
        Vector128<int> exact = sum - Vector128.Create(zero) * Vector128.Load(columnSums);
        Vector128<float> value = Vector128.ConvertToSingle(exact) * Vector128.Create(scale) * Vector128.Load(columnScales);
        (accumulate ? Vector128.Load(target) + value : value).Store(target);
    }
}
