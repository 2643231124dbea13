namespace PocketSam.Models;

/// <summary>One mask of one prompt of a batch.</summary>
/// <param name="Prompt">Which prompt of the batch.</param>
/// <param name="Mask">Which of its masks.</param>
internal readonly record struct MaskChoice(int Prompt, int Mask);
