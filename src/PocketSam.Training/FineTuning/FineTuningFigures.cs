namespace PocketSam.Training.FineTuning;

/// <summary>
/// The quality of a model on held-out pictures: means over their objects. If there are few objects, each has up to nine
/// boxes and nine clicks, so that the figures depend less on the position of a single click.
/// </summary>
/// <param name="Box">
/// Mean IoU of the masks for boxes, 0 to 1. The first box is the object's bounding box
/// (<see cref="Evaluation.EvaluationProtocol.Box"/>); the others are jittered.
/// </param>
/// <param name="Click">
/// Mean IoU of the masks that are shown first for one click, 0 to 1. The first click is at the pixel farthest from the
/// edge of the object (<c>1-click</c> of <see cref="Evaluation.EvaluationProtocol"/>); the others are at random pixels
/// of it.
/// </param>
public sealed record FineTuningFigures(double Box, double Click);
