using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace PocketSam.Kernels.Integers;

/// <summary>Four bytes, 8 sums, where no number of the right side is above <see cref="IntegerForm.Narrow"/>: two products fit 16 bits then. AVX2.</summary>
internal readonly unsafe struct NarrowQuads256 : IIntegerSimd<Vector256<int>>
{
    public static int Width => 8;

    public static int Group => 4;

    public static int Offset => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Load(void* source) => Vector256.Load((int*)source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Broadcast(int* source) => Vector256.Create(*source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> MultiplyAdd(Vector256<int> sum, Vector256<int> left, Vector256<int> right)
        => sum + Avx2.MultiplyAddAdjacent(
            Avx2.MultiplyAddAdjacent(left.AsByte(), right.AsSByte()), Vector256.Create((short)1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(
        float* target, Vector256<int> sum, int zero, int* columnSums, float scale, float* columnScales, bool accumulate)
    {
        Vector256<int> exact = sum - Vector256.Create(zero) * Vector256.Load(columnSums);
        Vector256<float> value = Vector256.ConvertToSingle(exact) * Vector256.Create(scale) * Vector256.Load(columnScales);
        (accumulate ? Vector256.Load(target) + value : value).Store(target);
    }
}
