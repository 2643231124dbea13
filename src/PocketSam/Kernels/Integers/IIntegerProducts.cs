namespace PocketSam.Kernels.Integers;

/// <summary>
/// How hardware multiplies whole numbers. Four bytes of a lane hold <see cref="Group"/> values of k: of the left operand (0 to 255) the
/// same in all lanes, of the right one those of each lane's column. All ways give the same bits.
/// </summary>
/// <typeparam name="V">The vector of sums.</typeparam>
internal interface IIntegerProducts<V> where V : struct
{
    /// <summary>Values of k that four bytes hold: two of 16 bits or four of 8.</summary>
    static abstract int Group { get; }

    /// <summary>What values of the left operand are less by where they are stored: 128 where the hardware multiplies signed ones only.</summary>
    static abstract int Offset { get; }

    /// <summary>sum + the products of the values in each lane.</summary>
    static abstract V MultiplyAdd(V sum, V left, V right);
}
