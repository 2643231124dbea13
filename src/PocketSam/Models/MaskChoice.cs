namespace PocketSam.Models;

/// <summary>One mask of one prompt of a batch.</summary>
/// <param name="Prompt">Index of the prompt in the batch.</param>
/// <param name="Mask">Index of the mask among those of the prompt.</param>
internal readonly record struct MaskChoice(int Prompt, int Mask);
