using PocketSam.Models;
using PocketSam.Training.Data;

namespace PocketSam.Training.Optimization;

/// <summary>Begins trainings by marked masks (SAM, appendix A): from nothing, from a model, or where one stopped.</summary>
public static class Trainer
{
    /// <summary>Begins with first values.</summary>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static TrainingLoop Begin(TrainingOptions options, SourceMix sources)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return Over(SamModel.Create(options.Model, options.Seed), options, sources);
    }

    /// <summary>Begins with the weights of a model: a further training with stages of its own.</summary>
    /// <exception cref="CheckpointFormatException">The checkpoint holds no model.</exception>
    public static TrainingLoop BeginFrom(Checkpoint checkpoint, TrainingOptions options, SourceMix sources)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return Over(SamModel.FromCheckpoint(TrainingState.ModelOf(checkpoint)), options, sources);
    }

    /// <summary>
    /// Begins with first values but for the encoder, which takes those of a TinyViT that classifies ImageNet or of a DINOv2
    /// backbone.
    /// </summary>
    /// <returns>The training, and what the encoder took.</returns>
    /// <exception cref="ArgumentException">An option is out of range, or the model's encoder is of another kind.</exception>
    /// <exception cref="CheckpointFormatException">The checkpoint holds no such network of that size.</exception>
    public static (TrainingLoop Training, EncoderPretraining Encoder) BeginFromEncoder(
        Checkpoint classifier, TrainingOptions options, SourceMix sources)
    {
        ArgumentNullException.ThrowIfNull(classifier);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        (SamModel model, EncoderPretraining encoder) = EncoderPretraining.Begin(classifier, options.Model, options.Seed);
        return (Over(model, options, sources), encoder);
    }

    /// <summary>Begins with the weights of a smaller model, which <see cref="TrainingOptions.Model"/> has room for.</summary>
    /// <exception cref="CheckpointFormatException">The checkpoint holds no smaller model of the same widths and depths.</exception>
    public static TrainingLoop BeginGrown(Checkpoint checkpoint, TrainingOptions options, SourceMix sources)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return Over(ModelGrowth.Grow(checkpoint, options.Model, options.Seed), options, sources);
    }

    /// <summary>Goes on where a checkpoint of <see cref="TrainingLoop.Save"/> stopped, with the same options and sources.</summary>
    /// <exception cref="CheckpointFormatException">
    /// The checkpoint is not one of a training, or of one with other options.
    /// </exception>
    public static TrainingLoop Resume(Checkpoint checkpoint, TrainingOptions options, SourceMix sources)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return Over(SamModel.FromCheckpoint(TrainingState.ModelOf(checkpoint)), options, sources, checkpoint);
    }

    /// <param name="model">What is trained.</param>
    /// <param name="options">How.</param>
    /// <param name="sources">By what.</param>
    /// <param name="stopped">Where an earlier run stopped, or null.</param>
    private static TrainingLoop<TrainingSample> Over(
        SamModel model, TrainingOptions options, SourceMix sources, Checkpoint? stopped = null)
    {
        foreach (TrainingStage stage in options.Stages)
            model.Config.ValidateInputSize(stage.Size);
        var state = new TrainingState(model, options.Optimizer, $"{options.Describe()} {sources}", options.Stages[^1].Size);
        if (stopped is not null)
            state.Restore(stopped);
        return new TrainingLoop<TrainingSample>(state, options, new MaskStep(model, options, sources));
    }
}
