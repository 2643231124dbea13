namespace PocketSam.Kernels.Vectors;

/// <summary>
/// The vector operations that the float kernels are written over, once for all widths. They are the fast forms:
/// minimum, maximum and conversion follow the hardware where an operand is NaN.
/// </summary>
/// <typeparam name="V">The vector: 16, 8 or 4 floats, or a single one.</typeparam>
internal unsafe interface ISimd<V> where V : struct
{
    /// <summary>Floats in a vector.</summary>
    static abstract int Width { get; }

    static abstract V Load(float* source);

    static abstract void Store(float* target, V value);

    static abstract V Set(float value);

    static abstract V Add(V a, V b);

    static abstract V Subtract(V a, V b);

    static abstract V Multiply(V a, V b);

    static abstract V Divide(V a, V b);

    /// <summary>a * b + c, rounded once where the hardware has a fused form.</summary>
    static abstract V MultiplyAdd(V a, V b, V c);

    static abstract V Max(V a, V b);

    static abstract V Min(V a, V b);

    static abstract V Abs(V a);

    static abstract V Sqrt(V a);

    /// <summary>The magnitude of <paramref name="a"/> with the sign of <paramref name="sign"/>.</summary>
    static abstract V CopySign(V a, V sign);

    /// <summary>Nearest integer, halves to even.</summary>
    static abstract V Round(V a);

    /// <summary>2 to the power of <paramref name="n"/>, which holds integers in [-126, 127].</summary>
    static abstract V PowerOfTwo(V n);

    /// <summary>
    /// Per lane: <paramref name="a"/> &gt; <paramref name="b"/> ? <paramref name="yes"/> : <paramref name="no"/>.
    /// </summary>
    static abstract V IfGreater(V a, V b, V yes, V no);

    /// <summary>Sum of the lanes.</summary>
    static abstract float Sum(V a);

    /// <summary>Largest lane.</summary>
    static abstract float MaxLane(V a);
}
