using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace PocketSam.Kernels.Integers;

/// <summary>Four bytes, signed by signed: the dot product of ARM (<c>sdot</c>).</summary>
internal readonly struct SignedQuads : IIntegerProducts<Vector128<int>>
{
    public static int Group => 4;

    public static int Offset => 128;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> MultiplyAdd(Vector128<int> sum, Vector128<int> left, Vector128<int> right)
        => Dp.DotProduct(sum, left.AsSByte(), right.AsSByte());
}
