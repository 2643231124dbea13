namespace PocketSam.Training.Evaluation;

/// <summary>A mask that a model made, of a box or of a point of a grid.</summary>
/// <param name="Category">The place of its category among those of the file; -1 where that is not listed.</param>
/// <param name="Score">How sure the detector or the model is.</param>
/// <param name="Mask">The mask, of the picture's size.</param>
public sealed record BoxMask(int Category, double Score, Rle Mask);
