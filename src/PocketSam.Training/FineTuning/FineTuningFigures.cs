namespace PocketSam.Training.FineTuning;

/// <summary>How well a model finds the objects of the pictures that were kept back: means over these objects.</summary>
/// <param name="Box">IoU of the mask that an object's box gives, 0 to 1 (<see cref="Evaluation.EvaluationProtocol.Box"/>).</param>
/// <param name="Click">
/// IoU of the mask that is shown first after one click into the middle of an object (<c>1-click</c> of
/// <see cref="Evaluation.EvaluationProtocol"/>).
/// </param>
public sealed record FineTuningFigures(double Box, double Click);
