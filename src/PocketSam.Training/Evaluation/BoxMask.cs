namespace PocketSam.Training.Evaluation;

/// <summary>A mask that a model predicts for a box or for a point of a grid.</summary>
/// <param name="Category">Index of its category in the data file; -1 if it is not listed.</param>
/// <param name="Score">The score of the detector or of the model; masks are ranked by it.</param>
/// <param name="Mask">The mask, of the picture's size.</param>
public sealed record BoxMask(int Category, double Score, Rle Mask);
