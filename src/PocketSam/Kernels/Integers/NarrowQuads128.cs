using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace PocketSam.Kernels.Integers;

/// <summary>Four bytes, 4 sums, where no number of the right side is above <see cref="IntegerForm.Narrow"/>: two products fit 16 bits then. SSSE3.</summary>
internal readonly unsafe struct NarrowQuads128 : IIntegerSimd<Vector128<int>>
{
    public static int Width => 4;

    public static int Group => 4;

    public static int Offset => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Load(void* source) => Vector128.Load((int*)source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Broadcast(int* source) => Vector128.Create(*source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> MultiplyAdd(Vector128<int> sum, Vector128<int> left, Vector128<int> right)
        => sum + Sse2.MultiplyAddAdjacent(
            Ssse3.MultiplyAddAdjacent(left.AsByte(), right.AsSByte()), Vector128.Create((short)1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(
        float* target, Vector128<int> sum, int zero, int* columnSums, float scale, float* columnScales, bool accumulate)
    {
        Vector128<int> exact = sum - Vector128.Create(zero) * Vector128.Load(columnSums);
        Vector128<float> value = Vector128.ConvertToSingle(exact) * Vector128.Create(scale) * Vector128.Load(columnScales);
        (accumulate ? Vector128.Load(target) + value : value).Store(target);
    }
}
