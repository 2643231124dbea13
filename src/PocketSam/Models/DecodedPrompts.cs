using PocketSam.Tensors;

namespace PocketSam.Models;

/// <summary>
/// A batch of prompts after the decoder's first half: enough to tell how good each mask will be, and to make those that are
/// wanted. Belongs to the tape it was computed on.
/// </summary>
/// <param name="Iou">Predicted IoU of all masks, [P, masks].</param>
/// <param name="Image">The picture.</param>
internal abstract record DecodedPrompts(Tensor Iou, PreparedImage Image)
{
    /// <summary>Rows and columns of the embedding.</summary>
    public int Side => Image.Side;
}
