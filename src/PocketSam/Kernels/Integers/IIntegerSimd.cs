namespace PocketSam.Kernels.Integers;

/// <summary>
/// Sums of products of whole numbers, over vectors of 32-bit sums. Four bytes hold <see cref="Group"/> values of k: of the left operand
/// (0 to 255) the same four for all lanes, of the right one (-127 to 127) four of each column. All forms give the same bits.
/// </summary>
/// <typeparam name="V">The vector: 16, 8, 4 sums or a single one.</typeparam>
internal unsafe interface IIntegerSimd<V> where V : struct
{
    /// <summary>Sums in a vector.</summary>
    static abstract int Width { get; }

    /// <summary>Values of k that four bytes hold: two of 16 bits or four of 8.</summary>
    static abstract int Group { get; }

    /// <summary>What values of the left operand are less by where they are stored: 128 where the hardware multiplies signed ones only.</summary>
    static abstract int Offset { get; }

    static abstract V Load(void* source);

    /// <summary>The four bytes in every lane.</summary>
    static abstract V Broadcast(int* source);

    /// <summary>sum + the products of the values in each lane.</summary>
    static abstract V MultiplyAdd(V sum, V left, V right);

    /// <summary>
    /// target = (sum - zero * columnSums) * scale * columnScales, added to what is there where <paramref name="accumulate"/>; each
    /// operation rounds by itself.
    /// </summary>
    static abstract void Store(float* target, V sum, int zero, int* columnSums, float scale, float* columnScales, bool accumulate);
}
