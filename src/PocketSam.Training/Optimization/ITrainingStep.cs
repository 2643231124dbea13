namespace PocketSam.Training.Optimization;

/// <summary>A kind of training step: how it draws samples, and computes gradients.</summary>
internal interface ITrainingStep<TSample>
{
    /// <summary>What the sides of inputs are multiples of, in pixels.</summary>
    int SizeMultiple { get; }

    /// <summary>Makes a sample. Called from several threads, ahead of the steps.</summary>
    /// <param name="stage">Index of the stage.</param>
    /// <param name="size">Side of the input in pixels.</param>
    /// <param name="seed">The seed of the training.</param>
    /// <param name="number">Number of the sample, which determines it together with the seed.</param>
    TSample Draw(int stage, int size, ulong seed, ulong number);

    /// <summary>Adds the gradients of a batch to the weights that are trained in this stage.</summary>
    /// <param name="stage">Index of the stage.</param>
    /// <param name="size">Side of the input in pixels.</param>
    /// <param name="samples">The batch, or this process's part of it.</param>
    /// <param name="seed">The seed of all random choices in this step.</param>
    IStepResult Run(int stage, int size, IReadOnlyList<TSample> samples, ulong seed);
}

/// <summary>The result of a batch.</summary>
internal interface IStepResult
{
    /// <summary>The loss whose gradients are added.</summary>
    double Loss { get; }

    /// <summary>The progress of the step, after the optimiser's update.</summary>
    IStepProgress Report(StepFacts facts);
}

/// <summary>Properties of a step that the loop provides.</summary>
/// <param name="Step">Number of steps done, including this one.</param>
/// <param name="TotalSteps">Number of steps of the whole training.</param>
/// <param name="GradientNorm">Norm of the gradient before clipping.</param>
/// <param name="LearningRate">Learning rate of the step.</param>
/// <param name="Seconds">Duration of the step, in seconds.</param>
/// <param name="WaitSeconds">The part of it spent waiting for samples, in seconds.</param>
internal sealed record StepFacts(
    long Step, int TotalSteps, double GradientNorm, double LearningRate, double Seconds, double WaitSeconds);
