namespace PocketSam.Training.Evaluation;

/// <summary>Mean IoU of the masks that <see cref="Baselines"/> makes from the ground-truth boxes, 0 to 1.</summary>
/// <param name="Box">The box itself as mask.</param>
/// <param name="Ellipse">The ellipse inscribed in the box.</param>
public sealed record BaselineResult(double Box, double Ellipse);
