using PocketSam.Tensors;

namespace PocketSam.Models;

/// <summary>
/// A batch of prompts after the transformer: enough to tell how good each mask will be, and to make those that are
/// wanted. Belongs to the tape it was computed on.
/// </summary>
/// <param name="Tokens">All tokens, [P, T, C].</param>
/// <param name="Iou">Predicted IoU of all masks, [P, masks].</param>
/// <param name="Rows">Image rows of each prompt, in the layout of <see cref="Kernels.Decoder.PackedImage"/>.</param>
/// <param name="Image">The picture.</param>
internal sealed record DecodedPrompts(Tensor Tokens, Tensor Iou, Tensor Rows, PreparedImage Image)
{
    /// <summary>Rows and columns of the embedding.</summary>
    public int Side => Image.Side;
}
