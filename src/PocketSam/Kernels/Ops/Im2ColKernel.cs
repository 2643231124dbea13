using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using PocketSam.Kernels.Products;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Kernels.Ops;

/// <summary>
/// im2col: patches of a picture <c>[batch, height, width, channels]</c> as the rows of a matrix
/// <c>[batch * outHeight * outWidth, kernel * kernel * channels]</c>, and back. A convolution is then a matrix product.
/// </summary>
internal unsafe struct Im2ColKernel
{
    public int Batch, Height, Width, Channels, Kernel, Stride, Padding;

    public readonly int OutHeight => (Height + 2 * Padding - Kernel) / Stride + 1;

    public readonly int OutWidth => (Width + 2 * Padding - Kernel) / Stride + 1;

    public readonly int Rows => Batch * OutHeight * OutWidth;

    public readonly int Columns => Kernel * Kernel * Channels;

    /// <summary>Copies the patches; values outside the picture are zero.</summary>
    public readonly void Gather(float* x, float* columns)
    {
        Im2ColKernel k = this;
        Workers.ForRange(Rows, Math.Max(1, 32_768 / Columns), (start, end) =>
            k.Gather(x, columns + (nint)start * k.Columns, start, end));
    }

    /// <summary>
    /// Adds the patches onto the picture, or overwrites it with their sums: the transpose of
    /// <see cref="Gather(float*, float*)"/>.
    /// </summary>
    public readonly void Spread(float* columns, float* x, bool accumulate = true)
    {
        Im2ColKernel k = this;
        Workers.ForRange(Batch * Height, Math.Max(1, 32_768 / (Width * Channels * Kernel)), (start, end) =>
            Simd.Run(new SpreadLines { Patches = k, Columns = columns, X = x, Accumulate = accumulate, Start = start, End = end }));
    }

    /// <summary>
    /// For each tap and each output pixel from <paramref name="start"/> to <paramref name="end"/> (exclusive), the
    /// index of the input pixel under it, or -1 outside the picture: the gathered left operand of <see cref="Gemm"/>,
    /// <c>[Kernel * Kernel, end - start]</c>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void RowIndex(int start, int end, int* index)
    {
        int outWidth = OutWidth, outHeight = OutHeight, count = end - start;
        for (int row = start; row < end; row++)
        {
            int b = row / (outHeight * outWidth), oy = row / outWidth % outHeight, ox = row % outWidth;
            int* target = index + (row - start);
            for (int ky = 0; ky < Kernel; ky++)
            {
                int y = oy * Stride + ky - Padding;
                for (int kx = 0; kx < Kernel; kx++, target += count)
                {
                    int x = ox * Stride + kx - Padding;
                    *target = (uint)y < (uint)Height && (uint)x < (uint)Width ? (b * Height + y) * Width + x : -1;
                }
            }
        }
    }

    /// <summary>
    /// Copies the patches of output pixels <paramref name="start"/> to <paramref name="end"/> (exclusive).
    /// </summary>
    public readonly void Gather(float* x, float* columns, int start, int end)
    {
        for (int row = start; row < end; row++)
            Patch(row, x, columns + (nint)(row - start) * Columns);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Patch(int row, float* picture, float* patch)
    {
        int outWidth = OutWidth, line = row / outWidth, ox = row % outWidth, b = line / OutHeight, oy = line % OutHeight;
        for (int ky = 0; ky < Kernel; ky++)
        {
            int y = oy * Stride + ky - Padding, x = ox * Stride - Padding;
            float* tap = patch + ky * Kernel * Channels;
            int left = Math.Clamp(-x, 0, Kernel), right = Math.Clamp(Width - x, left, Kernel);
            if (y < 0 || y >= Height)
                left = right = Kernel;
            if (right - left == Kernel)
            {
                Copy(picture + (((nint)b * Height + y) * Width + x) * Channels, tap, Kernel * Channels);
                continue;
            }

            new Span<float>(tap, left * Channels).Clear();
            if (right > left)
            {
                float* source = picture + (((nint)b * Height + y) * Width + x + left) * Channels;
                Unsafe.CopyBlockUnaligned(
                    tap + left * Channels, source, (uint)((right - left) * Channels * sizeof(float)));
            }

            new Span<float>(tap + right * Channels, (Kernel - right) * Channels).Clear();
        }
    }

    /// <summary>Copies a few values, in less time than a call of the runtime's copy takes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Copy(float* source, float* target, int count)
    {
        int i = 0;
        for (; i + 4 <= count; i += 4)
            Vector128.Store(Vector128.Load(source + i), target + i);
        for (; i < count; i++)
            target[i] = source[i];
    }

    /// <summary>A range of picture rows, each of which sums its values from all patches.</summary>
    private struct SpreadLines : ISimdKernel
    {
        public Im2ColKernel Patches;
        public float* Columns, X;
        public bool Accumulate;
        public int Start, End;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<S, V>() where S : struct, ISimd<V> where V : struct
        {
            int kernel = Patches.Kernel, channels = Patches.Channels, outWidth = Patches.OutWidth;
            for (int line = Start; line < End; line++)
            {
                int b = line / Patches.Height, y = line % Patches.Height;
                float* target = X + (nint)line * Patches.Width * channels;
                if (!Accumulate)
                    new Span<float>(target, Patches.Width * channels).Clear();
                for (int ky = 0; ky < kernel; ky++)
                {
                    int from = y + Patches.Padding - ky, oy = from / Patches.Stride;
                    if (from < 0 || from % Patches.Stride != 0 || oy >= Patches.OutHeight)
                        continue;
                    float* patch = Columns + ((nint)b * Patches.OutHeight + oy) * outWidth * Patches.Columns + ky * kernel * channels;
                    for (int ox = 0; ox < outWidth; ox++, patch += Patches.Columns)
                    {
                        int x = ox * Patches.Stride - Patches.Padding;
                        int left = Math.Clamp(-x, 0, kernel), right = Math.Clamp(Patches.Width - x, left, kernel);
                        new AddScaled
                        {
                            X = patch + left * channels, Target = target + (x + left) * channels,
                            Count = (right - left) * channels, Scale = 1f,
                        }.Run<S, V>();
                    }
                }
            }
        }
    }
}
