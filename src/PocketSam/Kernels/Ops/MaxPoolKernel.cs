using System.Runtime.CompilerServices;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Kernels.Ops;

/// <summary>Max pooling over 5x5 neighbourhoods, cut at the border of the picture: stride 1, padding 2.</summary>
internal unsafe struct MaxPoolKernel
{
    private const int Reach = 2;

    public FeatureMap X;

    /// <summary>The result, of the same size.</summary>
    public FeatureMap Y;

    /// <summary>Computes the pooling, on several threads.</summary>
    public readonly void Run()
    {
        MaxPoolKernel kernel = this;
        Workers.ForRange(X.Height, Math.Max(1, 4096 / (X.Width * X.Channels)), (start, end) =>
            Simd.Run(new Rows { Kernel = kernel, Start = start, End = end }));
    }

    private struct Rows : ISimdKernel
    {
        public MaxPoolKernel Kernel;
        public int Start, End;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<S, V>() where S : struct, ISimd<V> where V : struct
        {
            FeatureMap x = Kernel.X;
            float* lines = Scratch.Get(Scratch.Slot.Rows, (nint)x.Width * x.Channels);
            for (int y = Start; y < End; y++)
            {
                int top = Math.Max(0, y - Reach), bottom = Math.Min(x.Height - 1, y + Reach);

                // Down the columns, then along the row.
                for (int column = 0; column < x.Width; column++)
                {
                    Largest<S, V>(
                        x.Data + ((nint)top * x.Width + column) * x.Stride, (nint)x.Width * x.Stride, bottom - top + 1,
                        lines + (nint)column * x.Channels);
                }

                for (int column = 0; column < x.Width; column++)
                {
                    int left = Math.Max(0, column - Reach), right = Math.Min(x.Width - 1, column + Reach);
                    Largest<S, V>(
                        lines + (nint)left * x.Channels, x.Channels, right - left + 1,
                        Kernel.Y.Data + ((nint)y * x.Width + column) * Kernel.Y.Stride);
                }
            }
        }

        /// <summary>The maximum over a run of pixels, channel by channel.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void Largest<S, V>(float* source, nint step, int count, float* target)
            where S : struct, ISimd<V> where V : struct
        {
            int c = 0;
            for (; c + S.Width <= Kernel.X.Channels; c += S.Width)
            {
                V largest = S.Load(source + c);
                for (int i = 1; i < count; i++)
                    largest = S.Max(largest, S.Load(source + c + i * step));
                S.Store(target + c, largest);
            }

            for (; c < Kernel.X.Channels; c++)
            {
                float largest = source[c];
                for (int i = 1; i < count; i++)
                    largest = Math.Max(largest, source[c + i * step]);
                target[c] = largest;
            }
        }
    }
}
