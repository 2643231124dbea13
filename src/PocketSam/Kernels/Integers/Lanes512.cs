using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace PocketSam.Kernels.Integers;

/// <summary>16 sums of 32 bits.</summary>
internal readonly unsafe struct Lanes512 : IIntegerLanes<Vector512<int>>
{
    public static int Width => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Load(int* source) => Vector512.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Broadcast(int* source) => Vector512.Create(*source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(
        float* target, Vector512<int> sum, int zero, int* columnSums, float scale, float* columnScales, bool accumulate)
    {
        Vector512<int> exact = sum - Vector512.Create(zero) * Vector512.Load(columnSums);
        Vector512<float> value = Vector512.ConvertToSingle(exact) * Vector512.Create(scale) * Vector512.Load(columnScales);
        (accumulate ? Vector512.Load(target) + value : value).Store(target);
    }
}
