using PocketSam.Tensors;

namespace PocketSam.Models;

/// <summary>All that the mask decoder makes of a batch of prompts. Belongs to the tape it was computed on.</summary>
/// <param name="Logits">Low-resolution masks, [P, masks, cells].</param>
/// <param name="Iou">Predicted IoU of all masks, [P, masks].</param>
/// <param name="Tokens">What the transformer made of the tokens, [P, T, C]: the IoU's, the masks', then the prompt's.</param>
internal sealed record DecodedMasks(Tensor Logits, Tensor Iou, Tensor Tokens)
{
    public void Deconstruct(out Tensor logits, out Tensor iou) => (logits, iou) = (Logits, Iou);
}
