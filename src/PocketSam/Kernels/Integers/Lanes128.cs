using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace PocketSam.Kernels.Integers;

/// <summary>4 sums of 32 bits.</summary>
internal readonly unsafe struct Lanes128 : IIntegerLanes<Vector128<int>>
{
    public static int Width => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Load(int* source) => Vector128.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Broadcast(int* source) => Vector128.Create(*source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(
        float* target, Vector128<int> sum, int zero, int* columnSums, float scale, float* columnScales, bool accumulate)
    {
        Vector128<int> exact = sum - Vector128.Create(zero) * Vector128.Load(columnSums);
        Vector128<float> value = Vector128.ConvertToSingle(exact) * Vector128.Create(scale) * Vector128.Load(columnScales);
        (accumulate ? Vector128.Load(target) + value : value).Store(target);
    }
}
