using System.Text.Json.Serialization;

namespace PocketSam.Training.Optimization;

/// <summary>What one step of training found.</summary>
/// <param name="Step">Steps done, this one included.</param>
/// <param name="TotalSteps">Steps of the whole training.</param>
/// <param name="Stage">The stage the step belongs to.</param>
/// <param name="Loss">Mean loss of a prompt and round.</param>
/// <param name="BoxIou">Mean IoU of boxes before any correction.</param>
/// <param name="ClickIou">Mean IoU of the best mask of single clicks.</param>
/// <param name="CorrectedIou">Mean IoU after the last correction; NaN where the step had none.</param>
/// <param name="GradientNorm">Norm of the gradient before clipping.</param>
/// <param name="LearningRate">Learning rate of the step.</param>
/// <param name="Prompts">Prompts of the step.</param>
/// <param name="Seconds">Duration of the step.</param>
public sealed record TrainingProgress(
    long Step, int TotalSteps, TrainingStage Stage, double Loss, double BoxIou, double ClickIou, double CorrectedIou,
    double GradientNorm, double LearningRate, int Prompts, double Seconds) : IStepProgress
{
    int IStepProgress.Size => Stage.Size;

    int IStepProgress.BatchSize => Stage.BatchSize;

    /// <inheritdoc/>
    [JsonIgnore]
    public IReadOnlyList<(string Name, double Value)> Measures =>
    [
        ("loss", Loss), ("box_iou", BoxIou), ("click_iou", ClickIou), ("corrected_iou", CorrectedIou),
        ("gradient_norm", GradientNorm), ("prompts", Prompts),
    ];
}
