using System.Runtime.CompilerServices;

namespace PocketSam.Kernels;

/// <summary>
/// Patches of a picture <c>[batch, height, width, channels]</c> as the rows of a matrix
/// <c>[batch outHeight outWidth, kernel kernel channels]</c>, and back: a convolution is then a matrix product.
/// </summary>
internal unsafe struct Im2ColKernel
{
    public int Batch, Height, Width, Channels, Kernel, Stride, Padding;

    public readonly int OutHeight => (Height + 2 * Padding - Kernel) / Stride + 1;

    public readonly int OutWidth => (Width + 2 * Padding - Kernel) / Stride + 1;

    public readonly int Rows => Batch * OutHeight * OutWidth;

    public readonly int Columns => Kernel * Kernel * Channels;

    /// <summary>Copies the patches; what lies outside of the picture is zero.</summary>
    public readonly void Gather(float* x, float* columns)
    {
        Im2ColKernel k = this;
        Workers.ForRange(Batch * OutHeight, Math.Max(1, 32_768 / (OutWidth * Columns)), (start, end) =>
        {
            for (int line = start; line < end; line++)
                k.Line(line, x, columns, spread: false);
        });
    }

    /// <summary>Adds the patches back onto the picture: the transpose of <see cref="Gather"/>.</summary>
    public readonly void Spread(float* columns, float* x)
    {
        Im2ColKernel k = this;
        Workers.For(Batch, b =>
        {
            for (int y = 0; y < k.OutHeight; y++)
                k.Line(b * k.OutHeight + y, x, columns, spread: true);
        });
    }

    /// <summary>
    /// For each tap and output pixel the number of the input row (pixel) under it, or -1 outside: the gathered left
    /// operand of <see cref="Gemm"/>, <c>[Kernel * Kernel, Rows]</c>.
    /// </summary>
    public readonly int[] RowIndex()
    {
        int[] index = GC.AllocateUninitializedArray<int>(Kernel * Kernel * Rows, pinned: true);
        int i = 0;
        for (int ky = 0; ky < Kernel; ky++)
        {
            for (int kx = 0; kx < Kernel; kx++)
            {
                for (int b = 0; b < Batch; b++)
                {
                    for (int oy = 0; oy < OutHeight; oy++)
                    {
                        int y = oy * Stride + ky - Padding;
                        for (int ox = 0; ox < OutWidth; ox++)
                        {
                            int x = ox * Stride + kx - Padding;
                            index[i++] = (uint)y < (uint)Height && (uint)x < (uint)Width
                                ? (b * Height + y) * Width + x : -1;
                        }
                    }
                }
            }
        }

        return index;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Line(int line, float* picture, float* columns, bool spread)
    {
        int b = line / OutHeight, oy = line % OutHeight, outWidth = OutWidth;
        for (int ox = 0; ox < outWidth; ox++)
        {
            float* row = columns + ((nint)line * outWidth + ox) * Columns;
            for (int ky = 0; ky < Kernel; ky++)
            {
                int y = oy * Stride + ky - Padding, x = ox * Stride - Padding;
                float* tap = row + ky * Kernel * Channels;
                int left = Math.Clamp(-x, 0, Kernel), right = Math.Clamp(Width - x, left, Kernel);
                if (y < 0 || y >= Height)
                    left = right = Kernel;
                if (spread)
                {
                    float* target = picture + (((nint)b * Height + y) * Width + x) * Channels;
                    for (int i = left * Channels; i < right * Channels; i++)
                        target[i] += tap[i];
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
    }
}
