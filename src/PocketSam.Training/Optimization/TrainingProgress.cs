using System.Text.Json.Serialization;

namespace PocketSam.Training.Optimization;

/// <summary>The result of one step of training.</summary>
/// <param name="Step">Number of steps done, including this one.</param>
/// <param name="TotalSteps">Number of steps of the whole training.</param>
/// <param name="Stage">The stage of the step.</param>
/// <param name="Loss">Mean loss per prompt and round.</param>
/// <param name="BoxIou">Mean IoU for boxes before corrections, 0 to 1.</param>
/// <param name="ClickIou">Mean IoU of the best mask for single clicks, 0 to 1.</param>
/// <param name="CorrectedIou">Mean IoU after the last correction, 0 to 1; NaN without corrections.</param>
/// <param name="GradientNorm">Norm of the gradient before clipping.</param>
/// <param name="LearningRate">Learning rate of the step.</param>
/// <param name="Prompts">Number of prompts of the step.</param>
/// <param name="Seconds">Duration of the step, in seconds.</param>
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
