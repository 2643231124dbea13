namespace PocketSam.Training.Evaluation;

/// <summary>How far an evaluation has come.</summary>
/// <param name="Pictures">Pictures looked at.</param>
/// <param name="AllPictures">Pictures of the data set.</param>
/// <param name="Masks">Masks measured.</param>
public readonly record struct EvaluationProgress(int Pictures, int AllPictures, int Masks);
