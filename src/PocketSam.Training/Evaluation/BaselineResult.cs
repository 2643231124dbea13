namespace PocketSam.Training.Evaluation;

/// <summary>Mean IoU of the masks that <see cref="Baselines"/> makes of the ground-truth boxes.</summary>
/// <param name="Box">The box itself.</param>
/// <param name="Ellipse">The ellipse inscribed in it.</param>
public sealed record BaselineResult(double Box, double Ellipse);
