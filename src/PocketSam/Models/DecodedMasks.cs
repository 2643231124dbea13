using PocketSam.Tensors;

namespace PocketSam.Models;

/// <summary>The mask decoder's output for a batch of prompts. Belongs to the tape that computed it.</summary>
/// <param name="Logits">Low-resolution mask logits, [P, masks, cells].</param>
/// <param name="Iou">Predicted IoU of all masks, [P, masks].</param>
/// <param name="Tokens">The transformer's output tokens, [P, T, C]:
/// the IoU token, the mask tokens, then the prompt's tokens.</param>
internal sealed record DecodedMasks(Tensor Logits, Tensor Iou, Tensor Tokens)
{
    public void Deconstruct(out Tensor logits, out Tensor iou) => (logits, iou) = (Logits, Iou);
}
