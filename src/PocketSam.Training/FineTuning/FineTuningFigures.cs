namespace PocketSam.Training.FineTuning;

/// <summary>
/// How well a model finds the objects of the pictures that were kept back: means over these objects. Where they are few each is looked for
/// with up to nine boxes and nine clicks, so that the figures do not hang on where one click lands.
/// </summary>
/// <param name="Box">
/// Mean IoU of the masks that boxes give, 0 to 1: the first is the object's own (<see cref="Evaluation.EvaluationProtocol.Box"/>), the
/// others are a little off, as a person draws them.
/// </param>
/// <param name="Click">
/// Mean IoU of the masks that are shown first after one click: the first into the middle of the object (<c>1-click</c> of
/// <see cref="Evaluation.EvaluationProtocol"/>), the others anywhere inside it.
/// </param>
public sealed record FineTuningFigures(double Box, double Click);
