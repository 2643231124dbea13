using PocketSam.Tensors;

namespace PocketSam.Models;

/// <summary>
/// A batch of prompts after the first half of the decoder: the predicted IoU of each mask, and the input for making the
/// wanted masks. Belongs to the tape that computed it.
/// </summary>
/// <param name="Iou">Predicted IoU of all masks, [P, masks].</param>
/// <param name="Image">The picture.</param>
internal abstract record DecodedPrompts(Tensor Iou, PreparedImage Image)
{
    /// <summary>Rows and columns of the embedding.</summary>
    public int Side => Image.Side;
}
