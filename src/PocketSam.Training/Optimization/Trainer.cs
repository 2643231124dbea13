using System.Diagnostics;
using System.Globalization;
using PocketSam.Checkpoints;
using PocketSam.Models;
using PocketSam.Training.Data;
using PocketSam.Training.Data.Effects;

namespace PocketSam.Training.Optimization;

/// <summary>
/// Trains a model and keeps all that is needed to go on: weights, running statistics, moments, averages and the number
/// of the step. Pictures, prompts and rounds of a step follow from the seed and the step alone, so a training that was
/// stopped and resumed gives the same numbers as one that was not.
/// </summary>
public sealed class Trainer
{
    private const string StepKey = "pocketsam.training.step";
    private const string OptionsKey = "pocketsam.training.options";
    private const string FirstPrefix = "optimizer.first.";
    private const string SecondPrefix = "optimizer.second.";
    private const string AveragePrefix = "optimizer.average.";

    private readonly TrainingOptions _options;
    private readonly SourceMix _sources;
    private readonly AdamW _optimizer;

    private Trainer(SamModel model, TrainingOptions options, SourceMix sources)
    {
        Model = model;
        _options = options;
        _sources = sources;
        foreach (TrainingStage stage in options.Stages)
            model.Config.ValidateInputSize(stage.Size);
        _optimizer = new AdamW(model.State, options.Optimizer);
    }

    /// <summary>Steps done.</summary>
    public long Step { get; private set; }

    /// <summary>All that the numbers of this training depend on besides its first weights.</summary>
    private string Description => $"{_options.Describe()} {_sources}";

    /// <summary>The model being trained.</summary>
    internal SamModel Model { get; }

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
        return new Trainer(SamModel.FromCheckpoint(ModelOnly(checkpoint)), options, sources);
    }

    /// <summary>Begins with first values but for the encoder, which takes those of a TinyViT that classifies ImageNet.</summary>
    /// <returns>The training, and what the encoder took.</returns>
    /// <exception cref="ArgumentException">An option is out of range, or the model has no TinyViT.</exception>
    /// <exception cref="CheckpointFormatException">The checkpoint holds no TinyViT of that size.</exception>
    public static (Trainer Trainer, TinyVitPretraining Encoder) BeginFromEncoder(
        Checkpoint classifier, TrainingOptions options, SourceMix sources)
    {
        ArgumentNullException.ThrowIfNull(classifier);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        SamModel model = SamModel.Create(options.Model, options.Seed);
        TinyVitPretraining encoder = TinyVitPretraining.Load(classifier, model);
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
        if (checkpoint.Metadata.TryGetValue(OptionsKey, out string? trained) && trained != trainer.Description)
        {
            throw new CheckpointFormatException(
                checkpoint.Source, $"was trained with other options, {trained}, not {trainer.Description}");
        }

        if (!checkpoint.Metadata.TryGetValue(StepKey, out string? step)
            || !long.TryParse(step, CultureInfo.InvariantCulture, out long steps))
        {
            throw new CheckpointFormatException(checkpoint.Source, "holds a model but no training to resume");
        }

        trainer.Step = trainer._optimizer.Steps = steps;
        foreach (AdamW.Moments m in trainer._optimizer.State)
        {
            Restore(checkpoint, FirstPrefix + m.Entry.Key, m.First);
            Restore(checkpoint, SecondPrefix + m.Entry.Key, m.Second);
            Restore(checkpoint, AveragePrefix + m.Entry.Key, m.Average);
        }

        return trainer;
    }

    /// <summary>Steps until the last stage is done or <paramref name="cancellation"/> asks to stop, between two steps.</summary>
    /// <param name="onStep">Called after each step.</param>
    /// <param name="cancellation">Stops before the next step.</param>
    /// <returns>Whether all steps are done.</returns>
    public bool Run(Action<TrainingProgress> onStep, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(onStep);
        while (Step < _options.TotalSteps)
        {
            (TrainingStage stage, int before) = _options.StageOf(Step);
            long first = FirstSample(Step - before) + (long)before * stage.BatchSize;
            using var loader = new SampleLoader(
                _sources, RandomStream.Scramble((ulong)_options.Seed), first, stage.Size, _options.MasksPerImage,
                SamConfig.MaskStride, depth: 2 * stage.BatchSize);
            for (int i = before; i < stage.Steps; i++)
            {
                if (cancellation.IsCancellationRequested)
                    return false;
                onStep(OneStep(stage, loader));
            }
        }

        return true;
    }

    /// <summary>Writes everything that <see cref="Resume"/> needs.</summary>
    /// <exception cref="IOException">The file cannot be written; an older checkpoint stays.</exception>
    public void Save(string path)
    {
        Dictionary<string, string> metadata = Metadata();
        metadata[StepKey] = Step.ToString(CultureInfo.InvariantCulture);
        metadata[OptionsKey] = Description;
        IEnumerable<KeyValuePair<string, StoredTensor>> state = _optimizer.State.SelectMany(m => new[]
        {
            KeyValuePair.Create(FirstPrefix + m.Entry.Key, StoredTensor.FromFloats(m.First, [m.First.Length])),
            KeyValuePair.Create(SecondPrefix + m.Entry.Key, StoredTensor.FromFloats(m.Second, [m.Second.Length])),
            KeyValuePair.Create(AveragePrefix + m.Entry.Key, StoredTensor.FromFloats(m.Average, [m.Average.Length])),
        });
        Safetensors.Write(path, Model.State.ToStored(DataType.Float32).Concat(state), metadata);
    }

    /// <summary>Writes the averaged model, which is the result of training.</summary>
    /// <exception cref="IOException">The file cannot be written; an older one stays.</exception>
    public void SaveModel(string path, DataType type)
        => WithAverages(() =>
        {
            Safetensors.Write(path, [.. Model.State.ToStored(type)], Metadata());
            return true;
        });

    /// <summary>Lets <paramref name="use"/> see the averaged model, batch norm with its running statistics.</summary>
    internal T WithAverages<T>(Func<T> use)
    {
        _optimizer.SwapAverages();
        Model.State.SetTraining(false);
        try
        {
            return use();
        }
        finally
        {
            _optimizer.SwapAverages();
        }
    }

    /// <summary>The model's own input size becomes that of the last stage.</summary>
    private Dictionary<string, string> Metadata() => Model.Metadata(_options.Stages[^1].Size);

    private TrainingProgress OneStep(TrainingStage stage, SampleLoader loader)
    {
        long start = Stopwatch.GetTimestamp();
        var samples = new TrainingSample[stage.BatchSize];
        for (int i = 0; i < samples.Length; i++)
            samples[i] = loader.Next();
        ulong seed = RandomStream.Scramble((ulong)_options.Seed ^ RandomStream.Scramble((ulong)Step));
        int rounds = new RandomStream(seed).Below(_options.CorrectionRounds + 1);
        float rate = _options.RateOf(Step);
        Model.State.SetTraining(true);
        StepResult result = new TrainingStep(Model).Run(
            samples, stage.Size, rounds, stage.Focal ? MaskLossOptions.Sam : MaskLossOptions.Start, seed);
        float norm = _optimizer.Step(rate);
        Step++;
        return new TrainingProgress(
            Step, _options.TotalSteps, stage, result.Loss, result.BoxIou, result.ClickIou, result.CorrectedIou, norm,
            rate, result.Prompts, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    /// <summary>Number of the first sample of the stage that begins at <paramref name="step"/>.</summary>
    private long FirstSample(long step)
    {
        long samples = 0;
        foreach (TrainingStage stage in _options.Stages)
        {
            if (step < stage.Steps)
                break;
            samples += (long)stage.Steps * stage.BatchSize;
            step -= stage.Steps;
        }

        return samples;
    }

    private static Checkpoint ModelOnly(Checkpoint checkpoint) => checkpoint with
    {
        Tensors = checkpoint.Tensors.Where(t => !t.Key.StartsWith("optimizer.", StringComparison.Ordinal)).ToDictionary(),
    };

    private static void Restore(Checkpoint checkpoint, string key, float[] target)
    {
        if (!checkpoint.Tensors.TryGetValue(key, out StoredTensor? stored) || stored.Count != target.Length)
            throw new CheckpointFormatException(checkpoint.Source, $"tensor {key} is missing or of another size");
        stored.ToFloats().CopyTo(target, 0);
    }
}
