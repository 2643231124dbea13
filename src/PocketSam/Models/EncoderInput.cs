using PocketSam.Tensors;

namespace PocketSam.Models;

/// <summary>What an image encoder looks at.</summary>
/// <param name="Pixels">Normalised pixels of all pictures, zero beyond each of them: [B, S, S, 3].</param>
/// <param name="Patches">
/// For an encoder with a <see cref="ImageEncoderConfig.PatchSize"/>: each picture at that many pixels for each cell that it
/// covers, normalised, [1, rows PatchSize, columns PatchSize, 3]; else null.
/// </param>
internal sealed record EncoderInput(Tensor Pixels, Tensor[]? Patches = null)
{
    /// <summary>Side of the input, padding included.</summary>
    public int Size => Pixels.Shape[1];

    /// <summary>Pictures.</summary>
    public int Count => Pixels.Shape[0];
}
