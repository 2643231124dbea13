namespace PocketSam.Training.Evaluation;

/// <summary>The progress of an evaluation.</summary>
/// <param name="Pictures">Number of pictures done.</param>
/// <param name="AllPictures">Number of pictures of the data set.</param>
/// <param name="Masks">Number of masks measured.</param>
public readonly record struct EvaluationProgress(int Pictures, int AllPictures, int Masks);
