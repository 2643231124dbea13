using System.Globalization;

namespace PocketSam.Training.Optimization;

/// <summary>The loss or the gradient of a training is not finite. The weights are those of the step before.</summary>
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

    /// <summary>The number of the failed step, from 1.</summary>
    public long Step { get; }

    /// <summary>Its learning rate.</summary>
    public float LearningRate { get; }
}
