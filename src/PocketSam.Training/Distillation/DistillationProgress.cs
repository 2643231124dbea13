using System.Text.Json.Serialization;
using PocketSam.Training.Optimization;

namespace PocketSam.Training.Distillation;

/// <summary>
/// The result of one step of distillation. Losses include their weights; NaN if the step does not have them.
/// </summary>
/// <param name="Step">Number of steps done, including this one.</param>
/// <param name="TotalSteps">Number of steps of the whole distillation.</param>
/// <param name="Stage">The stage of the step.</param>
/// <param name="Loss">The sum of the losses.</param>
/// <param name="Embedding">Loss of the image embeddings.</param>
/// <param name="Tokens">Loss of the output tokens.</param>
/// <param name="Masks">Loss of the logits.</param>
/// <param name="TeacherMasks">Loss against the teacher's masks.</param>
/// <param name="Truth">Loss against annotated masks.</param>
/// <param name="TeacherBoxIou">Mean IoU of student's and teacher's masks for boxes, 0 to 1.</param>
/// <param name="TeacherClickIou">Mean IoU of student's and teacher's masks for single clicks, 0 to 1; the mask for
/// unambiguous prompts.</param>
/// <param name="BoxIou">Mean IoU of the student's masks for boxes with the annotated masks, 0 to 1.</param>
/// <param name="GradientNorm">Norm of the gradient before clipping.</param>
/// <param name="LearningRate">Learning rate of the step.</param>
/// <param name="Prompts">Number of prompts of the step.</param>
/// <param name="Seconds">Duration of the step, in seconds.</param>
/// <param name="WaitSeconds">The part of it spent waiting for pictures and embeddings, in seconds.</param>
public sealed record DistillationProgress(
    long Step, int TotalSteps, DistillationStage Stage, double Loss, double Embedding, double Tokens, double Masks,
    double TeacherMasks, double Truth, double TeacherBoxIou, double TeacherClickIou, double BoxIou, double GradientNorm,
    double LearningRate, int Prompts, double Seconds, double WaitSeconds) : IStepProgress
{
    int IStepProgress.Size => Stage.Size;

    int IStepProgress.BatchSize => Stage.BatchSize;

    /// <inheritdoc/>
    [JsonIgnore]
    public IReadOnlyList<(string Name, double Value)> Measures =>
    [
        ("loss", Loss), ("embedding_loss", Embedding), ("tokens_loss", Tokens), ("masks_loss", Masks),
        ("teacher_masks_loss", TeacherMasks), ("truth_loss", Truth), ("teacher_box_iou", TeacherBoxIou),
        ("teacher_click_iou", TeacherClickIou), ("box_iou", BoxIou), ("gradient_norm", GradientNorm), ("prompts", Prompts),
        ("wait_seconds", WaitSeconds),
    ];
}
