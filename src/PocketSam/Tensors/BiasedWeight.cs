using PocketSam.Kernels.Products;

namespace PocketSam.Tensors;

/// <summary>
/// The weights of a layer and its bias, or the gain and bias of a norm, as an argument of a fused operation.
/// </summary>
/// <param name="Weight">The weights; for a product <c>[out, ...]</c>.</param>
/// <param name="Bias"><c>[out]</c></param>
internal readonly record struct BiasedWeight(Weight Weight, Weight Bias)
{
    /// <summary>The weights of a product, packed.</summary>
    public PackedOperand Packed
    {
        get
        {
            int outputs = Weight.Shape[0];
            return Weight.Transposed(outputs, (int)(Weight.Count / outputs));
        }
    }
}
