using System.Runtime.CompilerServices;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Training.Optimization;

/// <summary>A step of AdamW for one weight and its average.</summary>
internal unsafe struct AdamWUpdate : ISimdKernel
{
    /// <summary>Values, gradient, moments and average, <see cref="Count"/> each.</summary>
    public float* W, G, First, Second, Average;

    public int Count;
    public OptimizerOptions Options;

    /// <summary>The factor of gradients.</summary>
    public float Clip;

    /// <summary>The learning rate divided by the first moment's bias correction, and 1 / sqrt(the second's).</summary>
    public float Rate, Root;

    /// <summary>The factors of the weight and of its average.</summary>
    public float Decay, AverageDecay;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run<S, V>() where S : struct, ISimd<V> where V : struct
    {
        int i = 0;
        for (; i + S.Width <= Count; i += S.Width)
            Element<S, V>(i);
        for (; i < Count; i++)
            Element<SimdScalar, float>(i);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Element<S, V>(int i) where S : struct, ISimd<V> where V : struct
    {
        V g = S.Multiply(S.Load(G + i), S.Set(Clip));
        V m = S.MultiplyAdd(S.Load(First + i), S.Set(Options.Beta1), S.Multiply(g, S.Set(1f - Options.Beta1)));
        V v = S.MultiplyAdd(
            S.Load(Second + i), S.Set(Options.Beta2), S.Multiply(S.Multiply(g, g), S.Set(1f - Options.Beta2)));
        S.Store(First + i, m);
        S.Store(Second + i, v);
        V step = S.Divide(
            S.Multiply(m, S.Set(Rate)), S.MultiplyAdd(S.Sqrt(v), S.Set(Root), S.Set(Options.Epsilon)));
        V w = S.Subtract(S.Multiply(S.Load(W + i), S.Set(Decay)), step);
        S.Store(W + i, w);
        S.Store(Average + i, S.MultiplyAdd(
            S.Load(Average + i), S.Set(AverageDecay), S.Multiply(w, S.Set(1f - AverageDecay))));
    }
}
