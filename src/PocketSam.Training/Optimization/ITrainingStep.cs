namespace PocketSam.Training.Optimization;

/// <summary>A kind of training step: what it draws, and the gradients it gives.</summary>
internal interface ITrainingStep<TSample>
{
    /// <summary>Makes a sample; called from several threads, ahead of the steps.</summary>
    /// <param name="stage">Number of the stage.</param>
    /// <param name="seed">Of the whole training.</param>
    /// <param name="number">Number of the sample: with the seed it decides all about it.</param>
    TSample Draw(int stage, ulong seed, ulong number);

    /// <summary>Adds the gradients of a batch to the weights that learn in this stage.</summary>
    /// <param name="stage">Number of the stage.</param>
    /// <param name="samples">The batch.</param>
    /// <param name="seed">Decides all that is drawn in this step.</param>
    IStepResult Run(int stage, IReadOnlyList<TSample> samples, ulong seed);
}

/// <summary>What a batch gave.</summary>
internal interface IStepResult
{
    /// <summary>The loss whose gradients were added.</summary>
    double Loss { get; }

    /// <summary>The step for logs and lines, once the optimiser has taken it.</summary>
    IStepProgress Report(StepFacts facts);
}

/// <summary>What the loop knows about a step.</summary>
/// <param name="Step">Steps done, this one included.</param>
/// <param name="TotalSteps">Steps of the whole training.</param>
/// <param name="GradientNorm">Before clipping.</param>
/// <param name="LearningRate">Of the step.</param>
/// <param name="Seconds">Duration of the step.</param>
/// <param name="WaitSeconds">The part of it that went by until the samples were there.</param>
internal sealed record StepFacts(
    long Step, int TotalSteps, double GradientNorm, double LearningRate, double Seconds, double WaitSeconds);
