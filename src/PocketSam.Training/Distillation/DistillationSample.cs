using PocketSam.Training.Data;

namespace PocketSam.Training.Distillation;

/// <summary>A picture for student and teacher.</summary>
/// <param name="Sample">The picture at the student's input size, with its prompts.</param>
/// <param name="ForTeacher">The picture at the teacher's input size; null if the embedding is known.</param>
/// <param name="Embedding">The teacher's embedding, <c>[side, side, C]</c> at the teacher's input size; null if it is
/// to be computed.</param>
internal sealed record DistillationSample(TrainingSample Sample, RgbImage? ForTeacher, float[]? Embedding);
