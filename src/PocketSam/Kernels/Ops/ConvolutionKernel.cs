using PocketSam.Kernels.Products;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Kernels.Ops;

/// <summary>
/// activation(x * w + bias): a convolution as products of stretches of output pixels. With few channels the patches of
/// a stretch are copied first (im2col); with many the product gathers them.
/// </summary>
internal unsafe struct ConvolutionKernel
{
    /// <summary>Input channels from which the product gathers the taps instead of copying patches.</summary>
    private const int GatherChannels = 16;

    /// <summary>Output pixels in a part.</summary>
    private const int Stretch = 96;

    /// <summary>The shape of the convolution.</summary>
    public Im2ColKernel Patches;

    public float* X;

    /// <summary><c>[kernel * kernel * in, out]</c></summary>
    public PackedOperand Weights;

    /// <summary><c>[out]</c>, or null.</summary>
    public float* Bias;

    public Activation Activation;

    /// <summary><c>[Patches.Rows, out]</c></summary>
    public float* Y;

    /// <summary>Computes the convolution, on several threads.</summary>
    public readonly void Run()
    {
        ConvolutionKernel kernel = this;
        Workers.ForTiles(Patches.Rows, GemmTile.TallRows, Stretch, (start, end) => kernel.Pixels(start, end));
    }

    private readonly void Pixels(int start, int end)
    {
        int count = end - start, taps = Patches.Kernel * Patches.Kernel;
        var gemm = new Gemm(null, Patches.Columns, Weights, Y + (nint)start * Weights.N, Weights.N, count)
        {
            Bias = Bias,
            Activation = Activation,
        };
        if (Patches.Channels >= GatherChannels)
        {
            gemm.Left = X;
            gemm.LeftRowStride = Patches.Channels;
            gemm.RowIndex = (int*)Scratch.Get(Scratch.Slot.Index, taps * count);
            gemm.Segments = taps;
            Patches.RowIndex(start, end, gemm.RowIndex);
        }
        else
        {
            gemm.Left = Scratch.Get(Scratch.Slot.Hidden, (nint)count * Patches.Columns);
            Patches.Gather(X, gemm.Left, start, end);
        }

        gemm.RunHere();
    }
}
