namespace PocketSam.Training.Evaluation.Detections;

/// <summary>The mask that a model made of a box.</summary>
/// <param name="Category">The place of the box's category among those of the file; -1 where it is not listed.</param>
/// <param name="Score">Of the box, or the predicted IoU where boxes are those of objects.</param>
/// <param name="Mask">The mask, of the picture's size.</param>
public sealed record BoxMask(int Category, double Score, Rle Mask);
