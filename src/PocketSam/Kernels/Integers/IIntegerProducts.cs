namespace PocketSam.Kernels.Integers;

/// <summary>
/// How the hardware multiplies integers. A lane of four bytes holds <see cref="Group"/>
/// values along k: of the left operand (0 to 255) the same in every lane, of the right
/// operand those of the lane's column. All implementations give the same bits.
/// </summary>
/// <typeparam name="V">The vector of sums.</typeparam>
internal interface IIntegerProducts<V> where V : struct
{
    /// <summary>Values along k in a lane of four bytes: two of 16 bits or four of 8.</summary>
    static abstract int Group { get; }

    /// <summary>
    /// Subtracted from values of the left operand when they are
    /// stored: 128 where the hardware multiplies signed bytes only.
    /// </summary>
    static abstract int Offset { get; }

    /// <summary>sum + the products of the values in each lane.</summary>
    static abstract V MultiplyAdd(V sum, V left, V right);
}
