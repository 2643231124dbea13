using PocketSam.Kernels.Vectors;

namespace PocketSam.Kernels.Products;

/// <summary>
/// The right operand of products, <c>[K, N]</c>, packed once: the weights of a layer. Its kind decides how a product is
/// computed and with which precision; products and fused kernels accept any kind.
/// </summary>
/// <param name="k">Rows: inputs of the layer.</param>
/// <param name="n">Columns: outputs of the layer.</param>
internal abstract class PackedOperand(int k, int n)
{
    /// <summary>Columns that a product computes together: two vectors.</summary>
    public static int PanelWidth => 2 * Simd.Width;

    public int K { get; } = k;

    public int N { get; } = n;

    /// <summary>Number of groups of <see cref="PanelWidth"/> columns, the last one padded.</summary>
    public int Panels { get; } = (n + PanelWidth - 1) / PanelWidth;

    /// <summary>
    /// Computes rows <paramref name="rowStart"/> to <paramref name="rowEnd"/> of a product's result in the given
    /// panels, including bias, residual and activation, on the calling thread.
    /// </summary>
    /// <param name="product">A product whose <see cref="Gemm.Packed"/> is this operand.</param>
    /// <param name="rowStart">First row.</param>
    /// <param name="rowEnd">End row, exclusive.</param>
    /// <param name="panelStart">First panel.</param>
    /// <param name="panelEnd">End panel, exclusive.</param>
    public abstract void Multiply(in Gemm product, int rowStart, int rowEnd, int panelStart, int panelEnd);
}
