using PocketSam.Training.Data;

namespace PocketSam.Training.Distillation;

/// <summary>One picture for student and teacher.</summary>
/// <param name="Sample">As the student sees it, with its prompts.</param>
/// <param name="ForTeacher">The same at the teacher's input size, where its embedding is to be computed.</param>
/// <param name="Embedding">The teacher's embedding, <c>[side, side, C]</c> at the teacher's size, where it is known.</param>
internal sealed record DistillationSample(TrainingSample Sample, RgbImage? ForTeacher, float[]? Embedding);
