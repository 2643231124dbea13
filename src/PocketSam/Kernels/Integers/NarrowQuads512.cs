using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace PocketSam.Kernels.Integers;

/// <summary>Four bytes, 16 sums, where no number of the right side is above <see cref="IntegerForm.Narrow"/>: two products fit 16 bits then. AVX-512BW.</summary>
internal readonly unsafe struct NarrowQuads512 : IIntegerSimd<Vector512<int>>
{
    public static int Width => 16;

    public static int Group => 4;

    public static int Offset => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Load(void* source) => Vector512.Load((int*)source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Broadcast(int* source) => Vector512.Create(*source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> MultiplyAdd(Vector512<int> sum, Vector512<int> left, Vector512<int> right)
        => sum + Avx512BW.MultiplyAddAdjacent(
            Avx512BW.MultiplyAddAdjacent(left.AsByte(), right.AsSByte()), Vector512.Create((short)1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(
        float* target, Vector512<int> sum, int zero, int* columnSums, float scale, float* columnScales, bool accumulate)
    {
        Vector512<int> exact = sum - Vector512.Create(zero) * Vector512.Load(columnSums);
        Vector512<float> value = Vector512.ConvertToSingle(exact) * Vector512.Create(scale) * Vector512.Load(columnScales);
        (accumulate ? Vector512.Load(target) + value : value).Store(target);
    }
}
