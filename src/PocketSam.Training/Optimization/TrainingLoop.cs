using System.Diagnostics;
using PocketSam.Models;
using PocketSam.Training.Data;
using PocketSam.Training.Data.Effects;

namespace PocketSam.Training.Optimization;

/// <summary>
/// A training of any kind that can be stopped, kept and gone on with; <see cref="Trainer"/> and
/// <see cref="Distillation.Distiller"/> begin one. Pictures, prompts and rounds of a step follow from the seed and the step
/// alone, so a training that was stopped and resumed gives the same numbers as one that was not.
/// </summary>
public abstract class TrainingLoop
{
    private protected TrainingLoop(TrainingState state, OptimizationOptions options) => (State, Options) = (state, options);

    /// <summary>Steps done.</summary>
    public long Step => State.Step;

    /// <summary>Steps between checkpoints.</summary>
    public int CheckpointEvery => Options.CheckpointEvery;

    /// <summary>Input size, steps and pictures a step of each stage.</summary>
    public IEnumerable<(int Size, int Steps, int BatchSize)> Schedule => Options.Schedule;

    /// <summary>The model being trained.</summary>
    internal SamModel Model => State.Model;

    private protected TrainingState State { get; }

    private protected OptimizationOptions Options { get; }

    /// <summary>Steps until the last stage is done or <paramref name="cancellation"/> asks to stop, between two steps.</summary>
    /// <param name="onStep">Called after each step.</param>
    /// <param name="cancellation">Stops before the next step.</param>
    /// <returns>Whether all steps are done.</returns>
    /// <exception cref="TrainingDivergedException">Loss or gradient are not finite.</exception>
    public abstract bool Run(Action<IStepProgress> onStep, CancellationToken cancellation);

    /// <summary>Writes everything that going on needs.</summary>
    /// <exception cref="IOException">The file cannot be written; an older checkpoint stays.</exception>
    public void Save(string path) => State.Save(path);

    /// <summary>Writes the averaged model, which is the result of training.</summary>
    /// <exception cref="IOException">The file cannot be written; an older one stays.</exception>
    public void SaveModel(string path, DataType type) => State.SaveModel(path, type);

    /// <summary>Lets <paramref name="use"/> see the averaged model as it is used, batch norm with its running statistics.</summary>
    /// <param name="use">Must not keep the model: training goes on with its weights.</param>
    public T WithAverages<T>(Func<Sam, T> use)
    {
        ArgumentNullException.ThrowIfNull(use);
        return State.WithAverages(() => use(Sam.Over(Model)));
    }
}

/// <summary>The loop over the steps of a kind.</summary>
/// <param name="state">What the steps change.</param>
/// <param name="options">Schedule, seed and learning rates.</param>
/// <param name="step">The kind of step.</param>
internal sealed class TrainingLoop<TSample>(TrainingState state, OptimizationOptions options, ITrainingStep<TSample> step)
    : TrainingLoop(state, options)
{
    /// <inheritdoc/>
    public override bool Run(Action<IStepProgress> onStep, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(onStep);
        ulong seed = RandomStream.Scramble((ulong)Options.Seed);
        while (Step < Options.TotalSteps)
        {
            (int stage, long firstStep, long firstSample) = Options.PlaceOf(Step);
            (_, int steps, int batchSize) = Options.Schedule.ElementAt(stage);
            (int first, int own) = Options.PartOf(batchSize);
            ulong begun = (ulong)(firstSample + (Step - firstStep) * batchSize + first);
            using var loader = new SampleLoader<TSample>(
                number => step.Draw(stage, seed, begun + number / (ulong)own * (ulong)batchSize + number % (ulong)own), first: 0,
                depth: 2 * own);
            while (Step < firstStep + steps)
            {
                if (IsToStop(cancellation))
                    return false;
                onStep(OneStep(stage, own, loader));
            }
        }

        return true;
    }

    /// <summary>Whether any process is asked to stop: all of them stop before the same step.</summary>
    private bool IsToStop(CancellationToken cancellation)
    {
        if (Options.Ranks is not { } ranks)
            return cancellation.IsCancellationRequested;
        double[] asked = [cancellation.IsCancellationRequested ? 1 : 0];
        ranks.Sum(asked);
        return asked[0] > 0;
    }

    private IStepProgress OneStep(int stage, int batchSize, SampleLoader<TSample> loader)
    {
        long start = Stopwatch.GetTimestamp();
        TSample[] samples = loader.Next(batchSize);
        double waited = Stopwatch.GetElapsedTime(start).TotalSeconds;
        float rate = Options.RateOf(Step);
        IStepResult result = step.Run(
            stage, samples, RandomStream.Scramble((ulong)Options.Seed ^ RandomStream.Scramble((ulong)Step)));
        float norm = State.Update(result.Loss, rate);
        return result.Report(new StepFacts(
            Step, Options.TotalSteps, norm, rate, Stopwatch.GetElapsedTime(start).TotalSeconds, waited));
    }
}
