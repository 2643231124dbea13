using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace PocketSam.Kernels.Integers;

/// <summary>8 sums of 32 bits.</summary>
internal readonly unsafe struct Lanes256 : IIntegerLanes<Vector256<int>>
{
    public static int Width => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Load(int* source) => Vector256.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Broadcast(int* source) => Vector256.Create(*source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(
        float* target, Vector256<int> sum, int zero, int* columnSums, float scale, float* columnScales, bool accumulate)
    {
        Vector256<int> exact = sum - Vector256.Create(zero) * Vector256.Load(columnSums);
        Vector256<float> value = Vector256.ConvertToSingle(exact) * Vector256.Create(scale) * Vector256.Load(columnScales);
        (accumulate ? Vector256.Load(target) + value : value).Store(target);
    }
}
