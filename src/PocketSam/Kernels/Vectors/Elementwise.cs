using System.Runtime.CompilerServices;

namespace PocketSam.Kernels.Vectors;

/// <summary>A function of one value.</summary>
internal interface IUnary
{
    static abstract V Apply<S, V>(V x) where S : struct, ISimd<V> where V : struct;
}

/// <summary>A function of two values.</summary>
internal interface IBinary
{
    static abstract V Apply<S, V>(V x, V y) where S : struct, ISimd<V> where V : struct;
}

/// <summary>Element-wise loops, written once for each number of operands.</summary>
internal static unsafe class Elementwise
{
    /// <summary>Elements below which a loop is not split.</summary>
    private const int Grain = 16_384;

    /// <summary>target[i] = op(x[i]), or += where <paramref name="accumulate"/>.</summary>
    public static void Map<TOp>(float* x, float* target, nint count, bool accumulate = false) where TOp : struct, IUnary
        => Workers.ForRange((int)count, Grain, (start, end) => Simd.Run(new UnaryLoop<TOp>
        {
            X = x + start,
            Target = target + start,
            Count = end - start,
            Accumulate = accumulate,
        }));

    /// <summary>target[i] = op(x[i], y[i]), or += where <paramref name="accumulate"/>.</summary>
    public static void Zip<TOp>(float* x, float* y, float* target, nint count, bool accumulate = false)
        where TOp : struct, IBinary
        => Workers.ForRange((int)count, Grain, (start, end) => Simd.Run(new BinaryLoop<TOp>
        {
            X = x + start,
            Y = y + start,
            Target = target + start,
            Count = end - start,
            Accumulate = accumulate,
        }));

    private struct UnaryLoop<TOp> : ISimdKernel where TOp : struct, IUnary
    {
        public float* X, Target;
        public int Count;
        public bool Accumulate;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<S, V>() where S : struct, ISimd<V> where V : struct
        {
            float* x = X, target = Target;
            int i = 0;
            if (Accumulate)
            {
                for (; i + S.Width <= Count; i += S.Width)
                    S.Store(target + i, S.Add(S.Load(target + i), TOp.Apply<S, V>(S.Load(x + i))));
                for (; i < Count; i++)
                    target[i] += TOp.Apply<SimdScalar, float>(x[i]);
                return;
            }

            for (; i + S.Width <= Count; i += S.Width)
                S.Store(target + i, TOp.Apply<S, V>(S.Load(x + i)));
            for (; i < Count; i++)
                target[i] = TOp.Apply<SimdScalar, float>(x[i]);
        }
    }

    private struct BinaryLoop<TOp> : ISimdKernel where TOp : struct, IBinary
    {
        public float* X, Y, Target;
        public int Count;
        public bool Accumulate;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<S, V>() where S : struct, ISimd<V> where V : struct
        {
            float* x = X, y = Y, target = Target;
            int i = 0;
            if (Accumulate)
            {
                for (; i + S.Width <= Count; i += S.Width)
                    S.Store(target + i, S.Add(S.Load(target + i), TOp.Apply<S, V>(S.Load(x + i), S.Load(y + i))));
                for (; i < Count; i++)
                    target[i] += TOp.Apply<SimdScalar, float>(x[i], y[i]);
                return;
            }

            for (; i + S.Width <= Count; i += S.Width)
                S.Store(target + i, TOp.Apply<S, V>(S.Load(x + i), S.Load(y + i)));
            for (; i < Count; i++)
                target[i] = TOp.Apply<SimdScalar, float>(x[i], y[i]);
        }
    }
}

/// <summary>x</summary>
internal readonly struct Identity : IUnary
{
    public static V Apply<S, V>(V x) where S : struct, ISimd<V> where V : struct => x;
}

/// <summary>x Phi(x)</summary>
internal readonly struct Gelu : IUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<S, V>(V x) where S : struct, ISimd<V> where V : struct
        => S.Multiply(x, VectorMath.NormalCdf<S, V>(x));
}

/// <summary>x sigmoid(1.702 x) (clip/model.py, QuickGELU)</summary>
internal readonly struct QuickGelu : IUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<S, V>(V x) where S : struct, ISimd<V> where V : struct
        => S.Divide(x, S.Add(S.Set(1f), VectorMath.Exp<S, V>(S.Multiply(x, S.Set(-1.702f)))));
}

/// <summary>dy (Phi(x) + x phi(x))</summary>
internal readonly struct GeluGradient : IBinary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<S, V>(V x, V dy) where S : struct, ISimd<V> where V : struct
        => S.Multiply(dy, VectorMath.GeluSlope<S, V>(x));
}

/// <summary>x / (1 + e^-x); the exponential is that of 87 for x below -87.</summary>
internal readonly struct Silu : IUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<S, V>(V x) where S : struct, ISimd<V> where V : struct
    {
        V power = S.Multiply(S.Max(x, S.Set(-87f)), S.Set(-VectorMath.Log2E));
        return S.Divide(x, S.Add(S.Set(1f), VectorMath.Exp2<S, V>(power)));
    }
}

/// <summary>max(x, 0)</summary>
internal readonly struct Relu : IUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<S, V>(V x) where S : struct, ISimd<V> where V : struct => S.Max(x, S.Set(0f));
}

/// <summary>dy where x &gt; 0, else 0</summary>
internal readonly struct ReluGradient : IBinary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<S, V>(V x, V dy) where S : struct, ISimd<V> where V : struct
        => S.IfGreater(x, S.Set(0f), dy, S.Set(0f));
}

/// <summary>x + y</summary>
internal readonly struct Sum : IBinary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<S, V>(V x, V y) where S : struct, ISimd<V> where V : struct => S.Add(x, y);
}
