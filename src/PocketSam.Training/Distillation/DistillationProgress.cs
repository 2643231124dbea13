using System.Text.Json.Serialization;
using PocketSam.Training.Optimization;

namespace PocketSam.Training.Distillation;

/// <summary>What one step of distillation found. Losses carry their weights; NaN stands for what the step did not have.</summary>
/// <param name="Step">Steps done, this one included.</param>
/// <param name="TotalSteps">Steps of the whole distillation.</param>
/// <param name="Stage">The stage the step belongs to.</param>
/// <param name="Loss">The sum of the losses.</param>
/// <param name="Embedding">Distance of the image embeddings.</param>
/// <param name="Tokens">Distance of the output tokens.</param>
/// <param name="Masks">Distance of the logits.</param>
/// <param name="TeacherMasks">Loss against the teacher's masks.</param>
/// <param name="Truth">Loss against marked masks.</param>
/// <param name="TeacherBoxIou">Mean IoU of student's and teacher's masks for boxes.</param>
/// <param name="TeacherClickIou">The same for single clicks, the mask for unambiguous prompts.</param>
/// <param name="BoxIou">Mean IoU of the student's masks for boxes with the marked ones.</param>
/// <param name="GradientNorm">Norm of the gradient before clipping.</param>
/// <param name="LearningRate">Learning rate of the step.</param>
/// <param name="Prompts">Prompts of the step.</param>
/// <param name="Seconds">Duration of the step.</param>
/// <param name="WaitSeconds">The part of it that went by until the pictures and embeddings were there.</param>
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
