using PocketSam.Kernels.Vectors;

namespace PocketSam.Kernels.Products;

/// <summary>
/// The right operand of products, <c>[K, N]</c>, packed once: weights. Its kind decides how a product is computed, with
/// which precision; whoever multiplies by it, fused kernels among them, takes any kind.
/// </summary>
/// <param name="k">Rows: inputs of a layer.</param>
/// <param name="n">Columns: its outputs.</param>
internal abstract class PackedOperand(int k, int n)
{
    /// <summary>Columns that a product treats together: two vectors.</summary>
    public static int PanelWidth => 2 * Simd.Width;

    public int K { get; } = k;

    public int N { get; } = n;

    /// <summary>Groups of <see cref="PanelWidth"/> columns, the last one filled up.</summary>
    public int Panels { get; } = (n + PanelWidth - 1) / PanelWidth;

    /// <summary>
    /// Computes rows <paramref name="rowStart"/> to <paramref name="rowEnd"/> of a product's result in the given panels,
    /// bias, residual and activation included, on the calling thread.
    /// </summary>
    /// <param name="product">A product whose <see cref="Gemm.Packed"/> is this operand.</param>
    /// <param name="rowStart">First row.</param>
    /// <param name="rowEnd">The row after the last.</param>
    /// <param name="panelStart">First panel.</param>
    /// <param name="panelEnd">The panel after the last.</param>
    public abstract void Multiply(in Gemm product, int rowStart, int rowEnd, int panelStart, int panelEnd);
}
