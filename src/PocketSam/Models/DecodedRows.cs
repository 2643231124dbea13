using PocketSam.Tensors;

namespace PocketSam.Models;

/// <summary>A batch of prompts after the transformer of <see cref="BatchedMaskDecoder"/>.</summary>
/// <param name="Tokens">All tokens, [P, T, C].</param>
/// <param name="Iou">Predicted IoU of all masks, [P, masks].</param>
/// <param name="Rows">Image rows of each prompt, in the layout of <see cref="Kernels.Decoder.PackedImage"/>.</param>
/// <param name="Picture">The picture.</param>
internal sealed record DecodedRows(Tensor Tokens, Tensor Iou, Tensor Rows, PreparedRows Picture) : DecodedPrompts(Iou, Picture);
