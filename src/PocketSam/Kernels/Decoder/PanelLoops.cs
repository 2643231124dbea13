using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Kernels.Decoder;

/// <summary>
/// Loops over panels <c>[rows, two vectors]</c>, in which each column is an item (an image row, whose channels are the
/// panel's rows). Nothing is summed across lanes.
/// </summary>
internal static unsafe class PanelLoops
{
    /// <summary>
    /// Layer norm of each column over an even number of rows, then <typeparamref name="TOp"/>, in place.
    /// <paramref name="placed"/> (may be null) receives the result plus <paramref name="positions"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Normalize<S, V, TOp>(
        float* x, int rows, float* gain, float* bias, float epsilon, float* positions, float* placed)
        where S : struct, ISimd<V> where V : struct where TOp : struct, IUnary
    {
        int w = S.Width;
        nint end = (nint)rows * 2 * w;
        V s0 = default, s1 = default, s2 = default, s3 = default;
        for (nint i = 0; i < end; i += 4 * w)
        {
            s0 = S.Add(s0, S.Load(x + i));
            s1 = S.Add(s1, S.Load(x + i + w));
            s2 = S.Add(s2, S.Load(x + i + 2 * w));
            s3 = S.Add(s3, S.Load(x + i + 3 * w));
        }

        V share = S.Set(1f / rows), m0 = S.Multiply(S.Add(s0, s2), share), m1 = S.Multiply(S.Add(s1, s3), share);
        s0 = s1 = s2 = s3 = default;
        for (nint i = 0; i < end; i += 4 * w)
        {
            V d0 = S.Subtract(S.Load(x + i), m0), d1 = S.Subtract(S.Load(x + i + w), m1);
            V d2 = S.Subtract(S.Load(x + i + 2 * w), m0), d3 = S.Subtract(S.Load(x + i + 3 * w), m1);
            s0 = S.MultiplyAdd(d0, d0, s0);
            s1 = S.MultiplyAdd(d1, d1, s1);
            s2 = S.MultiplyAdd(d2, d2, s2);
            s3 = S.MultiplyAdd(d3, d3, s3);
        }

        V e = S.Set(epsilon), one = S.Set(1f);
        V r0 = S.Divide(one, S.Sqrt(S.MultiplyAdd(S.Add(s0, s2), share, e)));
        V r1 = S.Divide(one, S.Sqrt(S.MultiplyAdd(S.Add(s1, s3), share, e)));
        nint at = 0;
        for (int row = 0; row < rows; row++)
        {
            V g = S.Set(gain[row]), b = S.Set(bias[row]);
            V y0 = TOp.Apply<S, V>(S.MultiplyAdd(S.Multiply(S.Subtract(S.Load(x + at), m0), r0), g, b));
            V y1 = TOp.Apply<S, V>(S.MultiplyAdd(S.Multiply(S.Subtract(S.Load(x + at + w), m1), r1), g, b));
            S.Store(x + at, y0);
            S.Store(x + at + w, y1);
            if (placed is not null)
            {
                S.Store(placed + at, S.Add(y0, S.Load(positions + at)));
                S.Store(placed + at + w, S.Add(y1, S.Load(positions + at + w)));
            }

            at += 2 * w;
        }
    }

    /// <summary>Prefetches memory that is read soon, where the processor can.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Fetch(float* memory, int count)
    {
        const int Line = 16; // floats
        if (!Sse.IsSupported)
            return;
        for (int i = 0; i < count; i += Line)
            Sse.Prefetch1(memory + i);
    }

    /// <summary>target = x + y</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add<S, V>(float* x, float* y, float* target, int rows)
        where S : struct, ISimd<V> where V : struct
    {
        nint end = (nint)rows * 2 * S.Width;
        for (nint i = 0; i < end; i += S.Width)
            S.Store(target + i, S.Add(S.Load(x + i), S.Load(y + i)));
    }

    /// <summary>x = op(x)</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Map<S, V, TOp>(float* x, int rows)
        where S : struct, ISimd<V> where V : struct where TOp : struct, IUnary
    {
        nint end = (nint)rows * 2 * S.Width;
        for (nint i = 0; i < end; i += S.Width)
            S.Store(x + i, TOp.Apply<S, V>(S.Load(x + i)));
    }

    /// <summary>
    /// Softmax of <c>scale (x + offset[row])</c> in each column over each group of <paramref name="length"/> rows, in
    /// place. <paramref name="offsets"/> <c>[groups * length]</c> may be null.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Softmax<S, V>(float* x, int groups, int length, float scale, float* offsets)
        where S : struct, ISimd<V> where V : struct
    {
        int w = S.Width;
        V factor = S.Set(scale);
        for (int group = 0; group < groups; group++)
        {
            V m0 = S.Set(float.MinValue), m1 = m0, s0 = default, s1 = default;
            nint end = (nint)length * 2 * w, row = 0;
            for (nint i = 0; i < end; i += 2 * w, row++)
            {
                V offset = S.Set(offsets is null ? 0f : offsets[row]);
                V x0 = S.Multiply(S.Add(S.Load(x + i), offset), factor);
                V x1 = S.Multiply(S.Add(S.Load(x + i + w), offset), factor);
                m0 = S.Max(m0, x0);
                m1 = S.Max(m1, x1);
                S.Store(x + i, x0);
                S.Store(x + i + w, x1);
            }

            for (nint i = 0; i < end; i += 2 * w)
            {
                V e0 = VectorMath.Exp<S, V>(S.Subtract(S.Load(x + i), m0));
                V e1 = VectorMath.Exp<S, V>(S.Subtract(S.Load(x + i + w), m1));
                s0 = S.Add(s0, e0);
                s1 = S.Add(s1, e1);
                S.Store(x + i, e0);
                S.Store(x + i + w, e1);
            }

            s0 = S.Divide(S.Set(1f), s0);
            s1 = S.Divide(S.Set(1f), s1);
            for (nint i = 0; i < end; i += 2 * w)
            {
                S.Store(x + i, S.Multiply(S.Load(x + i), s0));
                S.Store(x + i + w, S.Multiply(S.Load(x + i + w), s1));
            }

            x += end;
            offsets = offsets is null ? null : offsets + length;
        }
    }
}
