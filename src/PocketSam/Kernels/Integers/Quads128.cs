using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace PocketSam.Kernels.Integers;

/// <summary>Four bytes, both signed, 4 sums: the dot product of ARM.</summary>
internal readonly unsafe struct Quads128 : IIntegerSimd<Vector128<int>>
{
    public static int Width => 4;

    public static int Group => 4;

    public static int Offset => 128;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Load(void* source) => Vector128.Load((int*)source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Broadcast(int* source) => Vector128.Create(*source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> MultiplyAdd(Vector128<int> sum, Vector128<int> left, Vector128<int> right)
        => Dp.DotProduct(sum, left.AsSByte(), right.AsSByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(
        float* target, Vector128<int> sum, int zero, int* columnSums, float scale, float* columnScales, bool accumulate)
    {
        Vector128<int> exact = sum - Vector128.Create(zero) * Vector128.Load(columnSums);
        Vector128<float> value = Vector128.ConvertToSingle(exact) * Vector128.Create(scale) * Vector128.Load(columnScales);
        (accumulate ? Vector128.Load(target) + value : value).Store(target);
    }
}
