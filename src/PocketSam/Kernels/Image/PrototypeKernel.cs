using System.Runtime.CompilerServices;
using PocketSam.Kernels.Ops;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Kernels.Image;

/// <summary>
/// Sums of prototypes over a rectangle of cells, weighted by the coefficients of a mask, on the calling thread (YOLACT,
/// arXiv:1904.02689, equation 1, before the sigmoid).
/// </summary>
internal unsafe struct PrototypeKernel : ISimdKernel
{
    public FeatureMap Prototypes;

    /// <summary><c>[Prototypes.Channels]</c></summary>
    public float* Coefficients;

    /// <summary>The rectangle of cells: first column and row, end column and row (exclusive).</summary>
    public int Left, Top, Right, Bottom;

    /// <summary><c>[Bottom - Top, Right - Left]</c></summary>
    public float* Target;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run<S, V>() where S : struct, ISimd<V> where V : struct
    {
        float* target = Target;
        for (int y = Top; y < Bottom; y++)
        {
            float* cell = Prototypes.Data + ((nint)y * Prototypes.Width + Left) * Prototypes.Stride;
            for (int x = Left; x < Right; x++, cell += Prototypes.Stride)
            {
                V sum = default;
                int i = 0;
                for (; i + S.Width <= Prototypes.Channels; i += S.Width)
                    sum = S.MultiplyAdd(S.Load(cell + i), S.Load(Coefficients + i), sum);
                float total = S.Sum(sum);
                for (; i < Prototypes.Channels; i++)
                    total += cell[i] * Coefficients[i];
                *target++ = total;
            }
        }
    }
}
