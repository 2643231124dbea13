using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace PocketSam.Kernels.Integers;

/// <summary>Pairs of 16 bits, 16 sums: AVX-512BW.</summary>
internal readonly unsafe struct Pairs512 : IIntegerSimd<Vector512<int>>
{
    public static int Width => 16;

    public static int Group => 2;

    public static int Offset => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Load(void* source) => Vector512.Load((int*)source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Broadcast(int* source) => Vector512.Create(*source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> MultiplyAdd(Vector512<int> sum, Vector512<int> left, Vector512<int> right)
        => sum + Avx512BW.MultiplyAddAdjacent(left.AsInt16(), right.AsInt16());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(
        float* target, Vector512<int> sum, int zero, int* columnSums, float scale, float* columnScales, bool accumulate)
    {
        Vector512<int> exact = sum - Vector512.Create(zero) * Vector512.Load(columnSums);
        Vector512<float> value = Vector512.ConvertToSingle(exact) * Vector512.Create(scale) * Vector512.Load(columnScales);
        (accumulate ? Vector512.Load(target) + value : value).Store(target);
    }
}
