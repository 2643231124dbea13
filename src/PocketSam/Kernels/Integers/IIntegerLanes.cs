namespace PocketSam.Kernels.Integers;

/// <summary>Vectors of 32-bit sums, and their conversion to floats.</summary>
/// <typeparam name="V">The vector: 16, 8 or 4 sums, or a single one.</typeparam>
internal unsafe interface IIntegerLanes<V> where V : struct
{
    /// <summary>Sums in a vector.</summary>
    static abstract int Width { get; }

    static abstract V Load(int* source);

    /// <summary>Four bytes, repeated in every lane.</summary>
    static abstract V Broadcast(int* source);

    /// <summary>
    /// target = (sum - zero * columnSums) * scale * columnScales, added to the target where
    /// <paramref name="accumulate"/>; each operation rounds on its own.
    /// </summary>
    static abstract void Store(float* target, V sum, int zero, int* columnSums, float scale, float* columnScales, bool accumulate);
}
