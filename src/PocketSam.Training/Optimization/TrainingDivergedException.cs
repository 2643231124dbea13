using System.Globalization;

namespace PocketSam.Training.Optimization;

/// <summary>Loss or gradient of a training are no longer finite; its weights are still those of the step before.</summary>
public sealed class TrainingDivergedException : ArithmeticException
{
    internal TrainingDivergedException(string what, long step, float learningRate)
        : base(string.Create(
            CultureInfo.InvariantCulture,
            $"{what} is not finite at step {step} with learning rate {learningRate:G4}: begin a training of a lower learning "
            + $"rate with the last model that was kept"))
    {
        Step = step;
        LearningRate = learningRate;
    }

    /// <summary>The step, from 1, that could not be taken.</summary>
    public long Step { get; }

    /// <summary>Its learning rate.</summary>
    public float LearningRate { get; }
}
