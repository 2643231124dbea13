using System.Diagnostics;
using PocketSam.Models;
using PocketSam.Training.Data;
using PocketSam.Training.Data.Effects;

namespace PocketSam.Training.Optimization;

/// <summary>
/// Trains a model and keeps all that is needed to go on: weights, running statistics, moments, averages and the number
/// of the step. Pictures, prompts and rounds of a step follow from the seed and the step alone, so a training that was
/// stopped and resumed gives the same numbers as one that was not.
/// </summary>
public sealed class Trainer : ITraining
{
    private readonly TrainingOptions _options;
    private readonly SourceMix _sources;
    private readonly TrainingState _state;

    private Trainer(SamModel model, TrainingOptions options, SourceMix sources)
    {
        _options = options;
        _sources = sources;
        foreach (TrainingStage stage in options.Stages)
            model.Config.ValidateInputSize(stage.Size);
        _state = new TrainingState(model, options.Optimizer, $"{options.Describe()} {sources}", options.Stages[^1].Size);
    }

    /// <inheritdoc/>
    public long Step => _state.Step;

    /// <inheritdoc/>
    public int CheckpointEvery => _options.CheckpointEvery;

    /// <inheritdoc/>
    public IEnumerable<(int Size, int Steps, int BatchSize)> Course => _options.Course;

    /// <summary>The model being trained.</summary>
    internal SamModel Model => _state.Model;

    /// <summary>Begins with first values.</summary>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static Trainer Begin(TrainingOptions options, SourceMix sources)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return new Trainer(SamModel.Create(options.Model, options.Seed), options, sources);
    }

    /// <summary>Begins with the weights of a model: a further training with stages of its own.</summary>
    /// <exception cref="CheckpointFormatException">The checkpoint holds no model.</exception>
    public static Trainer BeginFrom(Checkpoint checkpoint, TrainingOptions options, SourceMix sources)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return new Trainer(SamModel.FromCheckpoint(TrainingState.ModelOf(checkpoint)), options, sources);
    }

    /// <summary>
    /// Begins with first values but for the encoder, which takes those of a TinyViT that classifies ImageNet or of a DINOv2
    /// backbone.
    /// </summary>
    /// <returns>The training, and what the encoder took.</returns>
    /// <exception cref="ArgumentException">An option is out of range, or the model's encoder is of another kind.</exception>
    /// <exception cref="CheckpointFormatException">The checkpoint holds no such network of that size.</exception>
    public static (Trainer Trainer, EncoderPretraining Encoder) BeginFromEncoder(
        Checkpoint classifier, TrainingOptions options, SourceMix sources)
    {
        ArgumentNullException.ThrowIfNull(classifier);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        (SamModel model, EncoderPretraining encoder) = EncoderPretraining.Begin(classifier, options.Model, options.Seed);
        return (new Trainer(model, options, sources), encoder);
    }

    /// <summary>Begins with the weights of a smaller model, which <see cref="TrainingOptions.Model"/> has room for.</summary>
    /// <exception cref="CheckpointFormatException">The checkpoint holds no smaller model of the same widths and depths.</exception>
    public static Trainer BeginGrown(Checkpoint checkpoint, TrainingOptions options, SourceMix sources)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return new Trainer(ModelGrowth.Grow(checkpoint, options.Model, options.Seed), options, sources);
    }

    /// <summary>Goes on where a checkpoint of <see cref="Save"/> stopped, with the same options and sources.</summary>
    /// <exception cref="CheckpointFormatException">
    /// The checkpoint is not one of a training, or of one with other options.
    /// </exception>
    public static Trainer Resume(Checkpoint checkpoint, TrainingOptions options, SourceMix sources)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        Trainer trainer = BeginFrom(checkpoint, options, sources);
        trainer._state.Restore(checkpoint);
        return trainer;
    }

    /// <inheritdoc/>
    public bool Run(Action<IStepProgress> onStep, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(onStep);
        ulong seed = RandomStream.Scramble((ulong)_options.Seed);
        return _state.Run<TrainingSample>(
            _options,
            (stage, number) => TrainingSample.Draw(
                _sources, RandomStream.Scramble(seed ^ RandomStream.Scramble(number)), _options.Stages[stage].Size,
                _options.MasksPerImage, Model.Config.Encoder.SideMultiple),
            (stage, loader) => onStep(OneStep(_options.Stages[stage], loader)), cancellation);
    }

    /// <inheritdoc/>
    public void Save(string path) => _state.Save(path);

    /// <inheritdoc/>
    public void SaveModel(string path, DataType type) => _state.SaveModel(path, type);

    /// <summary>Lets <paramref name="use"/> see the averaged model, batch norm with its running statistics.</summary>
    internal T WithAverages<T>(Func<T> use) => _state.WithAverages(use);

    private TrainingProgress OneStep(TrainingStage stage, SampleLoader<TrainingSample> loader)
    {
        long start = Stopwatch.GetTimestamp();
        TrainingSample[] samples = loader.Next(stage.BatchSize);
        ulong seed = RandomStream.Scramble((ulong)_options.Seed ^ RandomStream.Scramble((ulong)Step));
        int rounds = new RandomStream(seed).Below(_options.CorrectionRounds + 1);
        float rate = _options.RateOf(Step);
        Model.State.SetTraining(entry => _options.Optimizer.RateOf(entry.Key) > 0, batchStatistics: true);
        MaskLossOptions loss = stage.Focal ? MaskLossOptions.Sam : MaskLossOptions.Start with { CrossEntropy = _options.CrossEntropy };
        StepResult result = new TrainingStep(Model).Run(
            samples, stage.Size, rounds, loss with { SingleMaskFirst = Model.Config.FirstMask == FirstMask.Single }, seed);
        float norm = _state.Update(result.Loss, rate);
        return new TrainingProgress(
            Step, _options.TotalSteps, stage, result.Loss, result.BoxIou, result.ClickIou, result.CorrectedIou, norm,
            rate, result.Prompts, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }
}
