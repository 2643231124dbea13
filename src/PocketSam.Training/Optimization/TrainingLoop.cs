using System.Diagnostics;
using PocketSam.Models;
using PocketSam.Training.Data;
using PocketSam.Training.Data.Effects;

namespace PocketSam.Training.Optimization;

/// <summary>
/// A training of any kind that can be stopped, saved and resumed; <see cref="Trainer"/> and
/// <see cref="Distillation.Distiller"/> create it. Pictures, prompts and rounds of a step depend on the seed and the
/// step only, so that a resumed training gives the same numbers as an uninterrupted one.
/// </summary>
public abstract class TrainingLoop
{
    private protected TrainingLoop(TrainingState state, OptimizationOptions options) => (State, Options) = (state, options);

    /// <summary>Number of steps done.</summary>
    public long Step => State.Step;

    /// <summary>Number of steps between checkpoints.</summary>
    public int CheckpointEvery => Options.CheckpointEvery;

    /// <summary>Largest side of the input in pixels, number of steps, and pictures per step of each stage.</summary>
    public IEnumerable<(int Size, int Steps, int BatchSize)> Schedule => Options.Schedule;

    /// <summary>The model in training.</summary>
    internal SamModel Model => State.Model;

    private protected TrainingState State { get; }

    private protected OptimizationOptions Options { get; }

    /// <summary>Trains until the last stage is done or <paramref name="cancellation"/> is requested.</summary>
    /// <param name="onStep">Called after each step.</param>
    /// <param name="cancellation">Checked before each step.</param>
    /// <returns>Whether all steps are done.</returns>
    /// <exception cref="TrainingDivergedException">The loss or the gradient is not finite.</exception>
    public abstract bool Run(Action<IStepProgress> onStep, CancellationToken cancellation);

    /// <summary>Writes a checkpoint to resume from.</summary>
    /// <exception cref="IOException">The file cannot be written; an existing file stays.</exception>
    public void Save(string path) => State.Save(path);

    /// <summary>Writes the averaged model, which is the result of the training.</summary>
    /// <exception cref="IOException">The file cannot be written; an existing file stays.</exception>
    public void SaveModel(string path, DataType type) => State.SaveModel(path, type);

    /// <summary>
    /// Calls <paramref name="use"/> with the averaged model in inference mode, with the running statistics of batch
    /// norm.
    /// </summary>
    /// <param name="use">Must not keep the model, because the training changes its weights.</param>
    public T WithAverages<T>(Func<Sam, T> use)
    {
        ArgumentNullException.ThrowIfNull(use);
        return State.WithAverages(() => use(Sam.Over(Model)));
    }
}

/// <summary>The loop over the steps of one kind of training.</summary>
/// <param name="state">The state of the training.</param>
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
            long firstOwn = Step;
            ulong begun = (ulong)(firstSample + (Step - firstStep) * batchSize + first);
            using var loader = new SampleLoader<TSample>(
                number => step.Draw(stage, SizeOf(stage, firstOwn + (long)(number / (ulong)own)), seed,
                    begun + number / (ulong)own * (ulong)batchSize + number % (ulong)own), first: 0,
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

    /// <summary>Whether any process is asked to stop, so that all stop before the same step.</summary>
    private bool IsToStop(CancellationToken cancellation)
    {
        if (Options.Ranks is not { } ranks)
            return cancellation.IsCancellationRequested;
        double[] asked = [cancellation.IsCancellationRequested ? 1 : 0];
        ranks.Sum(asked);
        return asked[0] > 0;
    }

    private int SizeOf(int stage, long number) => Options.SizeOf(stage, number, step.SizeMultiple);

    private IStepProgress OneStep(int stage, int batchSize, SampleLoader<TSample> loader)
    {
        long start = Stopwatch.GetTimestamp();
        TSample[] samples = loader.Next(batchSize);
        double waited = Stopwatch.GetElapsedTime(start).TotalSeconds;
        float rate = Options.RateOf(Step);
        IStepResult result = step.Run(
            stage, SizeOf(stage, Step), samples, RandomStream.Scramble((ulong)Options.Seed ^ RandomStream.Scramble((ulong)Step)));
        float norm = State.Update(result.Loss, rate);
        return result.Report(new StepFacts(
            Step, Options.TotalSteps, norm, rate, Stopwatch.GetElapsedTime(start).TotalSeconds, waited));
    }
}
