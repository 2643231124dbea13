namespace PocketSam.Training.Evaluation.Detections;

/// <summary>The mask that a model predicts for a box.</summary>
/// <param name="Category">Index of the box's category in the file; -1 if it is not listed.</param>
/// <param name="Score">The score of the box, or the predicted IoU if boxes are those of ground-truth objects.</param>
/// <param name="Mask">The mask, of the picture's size.</param>
public sealed record BoxMask(int Category, double Score, Rle Mask);
