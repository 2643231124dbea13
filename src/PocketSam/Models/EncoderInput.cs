using PocketSam.Tensors;

namespace PocketSam.Models;

/// <summary>The input of an image encoder.</summary>
/// <param name="Pixels">Normalised pixels of all pictures, zero beyond each picture: [B, S, S, 3].</param>
/// <param name="Patches">For an encoder with a <see cref="ImageEncoderConfig.PatchSize"/>:
/// each picture at that many pixels for each cell that it covers, normalised, [1, rows *
/// PatchSize, columns * PatchSize, 3]. Otherwise null.</param>
internal sealed record EncoderInput(Tensor Pixels, Tensor[]? Patches = null)
{
    /// <summary>Side of the input in pixels, including padding.</summary>
    public int Size => Pixels.Shape[1];

    /// <summary>Number of pictures.</summary>
    public int Count => Pixels.Shape[0];
}
