using PocketSam.Kernels.Ops;
using PocketSam.Kernels.Products;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Kernels.Fused;

/// <summary>
/// Two 3x3 convolutions of stride 2, padding 1, with their biases and GELU between them: TinyViT's patch embedding. A
/// ring of three rows holds the output of the first convolution, the largest map of the network, which never reaches
/// memory as a whole.
/// </summary>
internal unsafe struct StemKernel
{
    /// <summary>Output rows in a part; the part beside it computes one row of the first convolution as well.</summary>
    private const int Band = 16;

    /// <summary>The input's shape and the first convolution: kernel 3, stride 2, padding 1.</summary>
    public Im2ColKernel Patches;

    public float* X;

    /// <summary><c>[9 * in, middle]</c> and <c>[9 * middle, out]</c>.</summary>
    public PackedOperand First, Second;

    public float* FirstBias, SecondBias;

    /// <summary><c>[Batch, OutHeight, OutWidth, out]</c></summary>
    public float* Y;

    public readonly int OutHeight => (Patches.OutHeight + 1) / 2;

    public readonly int OutWidth => (Patches.OutWidth + 1) / 2;

    /// <summary>Computes the embedding, on several threads.</summary>
    public readonly void Run()
    {
        StemKernel kernel = this;
        int bands = (OutHeight + Band - 1) / Band;
        Workers.For(Patches.Batch * bands, part =>
            kernel.Rows(part / bands, part % bands * Band, Math.Min(kernel.OutHeight, (part % bands + 1) * Band)));
    }

    private readonly void Rows(int item, int top, int bottom)
    {
        int width = Patches.OutWidth, height = Patches.OutHeight, middle = First.N, columns = OutWidth;

        // A row of the ring has a zero column at each end: the three taps of a row are contiguous.
        int row = width + 2;
        float* ring = Scratch.Get(Scratch.Slot.Ring, (nint)3 * row * middle);
        for (int slot = 0; slot < 3; slot++)
        {
            new Span<float>(ring + (nint)slot * row * middle, middle).Clear();
            new Span<float>(ring + ((nint)slot * row + width + 1) * middle, middle).Clear();
        }

        float* patches = Scratch.Get(Scratch.Slot.Hidden, (nint)width * Patches.Columns);
        int* index = (int*)Scratch.Get(Scratch.Slot.Index, 3 * columns);
        int next = Math.Max(0, 2 * top - 1);
        for (int y = top; y < bottom; y++)
        {
            for (; next < Math.Min(height, 2 * y + 2); next++)
            {
                int first = (item * height + next) * width;
                Patches.Gather(X, patches, first, first + width);
                new Gemm(patches, Patches.Columns, First, ring + ((nint)(next % 3) * row + 1) * middle, middle, width)
                {
                    Bias = FirstBias,
                    Activation = Activation.Gelu,
                }.RunHere();
            }

            for (int ky = 0; ky < 3; ky++)
            {
                int line = 2 * y + ky - 1, start = line < 0 || line >= height ? -1 : line % 3 * row;
                for (int x = 0; x < columns; x++)
                    index[ky * columns + x] = start < 0 ? -1 : start + 2 * x;
            }

            nint target = ((nint)item * OutHeight + y) * columns;
            new Gemm(ring, middle, Second, Y + target * Second.N, Second.N, columns)
            {
                RowIndex = index,
                Segments = 3,
                Bias = SecondBias,
            }.RunHere();
        }
    }
}
