using PocketSam.Models;
using PocketSam.Training.Data;

namespace PocketSam.Training.Optimization;

/// <summary>Begins or resumes trainings on annotated masks (SAM, appendix A).</summary>
public static class Trainer
{
    /// <summary>Begins with random weights.</summary>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static TrainingLoop Begin(TrainingOptions options, SourceMix sources)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return Over(SamModel.Create(options.Model, options.Seed), options, sources);
    }

    /// <summary>Begins with the weights of a model.</summary>
    /// <exception cref="CheckpointFormatException">The checkpoint has no model.</exception>
    public static TrainingLoop BeginFrom(Checkpoint checkpoint, TrainingOptions options, SourceMix sources)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return Over(SamModel.FromCheckpoint(TrainingState.ModelOf(checkpoint)), options, sources);
    }

    /// <summary>
    /// Begins with random weights, except those of the encoder, which come from a TinyViT trained to classify ImageNet
    /// or from a DINOv2 backbone.
    /// </summary>
    /// <returns>The training, and what the encoder was initialised from.</returns>
    /// <exception cref="ArgumentException">An option is out of range, or the model has another kind of
    /// encoder.</exception>
    /// <exception cref="CheckpointFormatException">The checkpoint has no such network of this size.</exception>
    public static (TrainingLoop Training, EncoderPretraining Encoder) BeginFromEncoder(
        Checkpoint classifier, TrainingOptions options, SourceMix sources)
    {
        ArgumentNullException.ThrowIfNull(classifier);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        (SamModel model, EncoderPretraining encoder) = EncoderPretraining.Begin(classifier, options.Model, options.Seed);
        return (Over(model, options, sources), encoder);
    }

    /// <summary>
    /// Begins with the weights of a smaller model, which are extended to the architecture of
    /// <see cref="TrainingOptions.Model"/>.
    /// </summary>
    /// <exception cref="CheckpointFormatException">The checkpoint has no smaller model with the same widths and
    /// depths.</exception>
    public static TrainingLoop BeginGrown(Checkpoint checkpoint, TrainingOptions options, SourceMix sources)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return Over(ModelGrowth.Grow(checkpoint, options.Model, options.Seed), options, sources);
    }

    /// <summary>
    /// Resumes from a checkpoint of <see cref="TrainingLoop.Save"/>, with the same options and sources.
    /// </summary>
    /// <exception cref="CheckpointFormatException">The checkpoint is not of a training, or of one with other
    /// options.</exception>
    public static TrainingLoop Resume(Checkpoint checkpoint, TrainingOptions options, SourceMix sources)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return Over(SamModel.FromCheckpoint(TrainingState.ModelOf(checkpoint)), options, sources, checkpoint);
    }

    /// <param name="model">The model to train.</param>
    /// <param name="options">The options.</param>
    /// <param name="sources">The training data.</param>
    /// <param name="stopped">The checkpoint to resume from; null to begin.</param>
    private static TrainingLoop<TrainingSample> Over(
        SamModel model, TrainingOptions options, SourceMix sources, Checkpoint? stopped = null)
    {
        foreach (TrainingStage stage in options.Stages)
            stage.Sizes.ValidateFor(model.Config);
        options = options with { Optimizer = options.Optimizer.For(model.Config.Encoder) };
        var state = new TrainingState(model, options.Optimizer, $"{options.Describe()} {sources}", options.Stages[^1].Size);
        if (stopped is not null)
            state.Restore(stopped);
        return new TrainingLoop<TrainingSample>(state, options, new MaskStep(model, options, sources));
    }
}
