using System.Runtime.CompilerServices;

namespace PocketSam.Kernels.Vectors;

/// <summary>target[i] += scale x[i], on the calling thread.</summary>
internal unsafe struct AddScaled : ISimdKernel
{
    public float* X, Target;
    public int Count;
    public float Scale;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run<S, V>() where S : struct, ISimd<V> where V : struct
    {
        V scale = S.Set(Scale);
        int i = 0;
        for (; i + S.Width <= Count; i += S.Width)
            S.Store(Target + i, S.MultiplyAdd(S.Load(X + i), scale, S.Load(Target + i)));
        for (; i < Count; i++)
            Target[i] = float.MultiplyAddEstimate(X[i], Scale, Target[i]);
    }
}

/// <summary>x[i] *= scale, on the calling thread.</summary>
internal unsafe struct ScaleInPlace : ISimdKernel
{
    public float* X;
    public int Count;
    public float Scale;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run<S, V>() where S : struct, ISimd<V> where V : struct
    {
        V scale = S.Set(Scale);
        int i = 0;
        for (; i + S.Width <= Count; i += S.Width)
            S.Store(X + i, S.Multiply(S.Load(X + i), scale));
        for (; i < Count; i++)
            X[i] *= Scale;
    }
}
