using System.Globalization;
using PocketSam.Models;

namespace PocketSam.Training.Optimization;

/// <summary>
/// The state of a training: weights, running statistics, moments, averages and the number of steps. A checkpoint
/// contains all of it, so that a resumed training equals an uninterrupted one.
/// </summary>
internal sealed class TrainingState
{
    private const string StepKey = "pocketsam.training.step";
    private const string OptionsKey = "pocketsam.training.options";
    private const string OptimizerPrefix = "optimizer.";
    private const string FirstPrefix = OptimizerPrefix + "first.";
    private const string SecondPrefix = OptimizerPrefix + "second.";
    private const string AveragePrefix = OptimizerPrefix + "average.";
    private const string StepsKey = OptimizerPrefix + "steps";

    private readonly Optimizer _optimizer;
    private readonly string _description;
    private readonly int _imageSize;

    /// <param name="model">The model to train.</param>
    /// <param name="options">The options of the optimiser.</param>
    /// <param name="description">All that determines the numbers of this training, besides its initial weights.</param>
    /// <param name="imageSize">The input size of the saved model, in pixels.</param>
    public TrainingState(SamModel model, OptimizerOptions options, string description, int imageSize)
    {
        Model = model;
        _description = description;
        _imageSize = imageSize;
        _optimizer = new Optimizer(model.State, options);
    }

    /// <summary>Number of steps done.</summary>
    public long Step { get; private set; }

    public SamModel Model { get; }

    /// <summary>The checkpoint without the optimiser's state.</summary>
    public static Checkpoint ModelOf(Checkpoint checkpoint) => checkpoint with
    {
        Tensors = checkpoint.Tensors
            .Where(t => !t.Key.StartsWith(OptimizerPrefix, StringComparison.Ordinal)).ToDictionary(),
    };

    /// <summary>
    /// Restores the optimiser's state from a checkpoint of <see cref="Save"/>, whose weights the model already has.
    /// </summary>
    /// <exception cref="CheckpointFormatException">The checkpoint is damaged, not of a training, or of one with other
    /// options.</exception>
    public void Restore(Checkpoint checkpoint)
    {
        if (checkpoint.Metadata.TryGetValue(OptionsKey, out string? trained) && trained != _description)
        {
            throw new CheckpointFormatException(
                checkpoint.Source, $"was trained with other options, {trained}, not {_description}");
        }

        if (!checkpoint.Metadata.TryGetValue(StepKey, out string? step)
            || !long.TryParse(step, CultureInfo.InvariantCulture, out long steps))
        {
            throw new CheckpointFormatException(checkpoint.Source, "holds a model but no training to resume");
        }

        if (steps < 0)
            throw new CheckpointFormatException(checkpoint.Source, $"broken {StepKey}: {steps} steps");
        Step = _optimizer.Steps = steps;
        float[] learned = new float[_optimizer.State.Count];

        // In a checkpoint without this tensor, every weight had a gradient in every step.
        if (checkpoint.Tensors.ContainsKey(StepsKey))
            Take(checkpoint, StepsKey, learned);
        else
            Array.Fill(learned, steps);
        if (Array.Exists(learned, own => !(own >= 0 && own <= (float)steps)))
            throw new CheckpointFormatException(checkpoint.Source, $"tensor {StepsKey}: holds a number that is no step up to {steps}");
        for (int i = 0; i < learned.Length; i++)
            _optimizer.State[i].Steps = (long)learned[i];
        foreach (OptimizedWeight weight in _optimizer.State)
        {
            foreach ((string key, float[] values) in Kept(weight))
                Take(checkpoint, key, values);
            if (Array.Exists(weight.Second, value => value < 0))
                throw new CheckpointFormatException(checkpoint.Source, $"tensor {SecondPrefix}{weight.Entry.Key}: holds a square below zero");
            RequireFinite(checkpoint, weight.Entry.Key, weight.Entry.Weight.Value.Span);
        }
    }

    /// <summary>Updates the weights from their gradients. Returns the gradient's norm before clipping.</summary>
    /// <exception cref="TrainingDivergedException">The loss or the gradient is not finite; no weight is
    /// changed.</exception>
    public float Update(double loss, float learningRate)
    {
        if (!double.IsFinite(loss))
            throw new TrainingDivergedException("the loss", Step + 1, learningRate);
        float norm = _optimizer.Step(learningRate);
        if (!float.IsFinite(norm))
            throw new TrainingDivergedException("the gradient", Step + 1, learningRate);
        Step++;
        return norm;
    }

    /// <summary>Writes a checkpoint for <see cref="Restore"/>.</summary>
    /// <exception cref="IOException">The file cannot be written; an existing file stays.</exception>
    public void Save(string path)
    {
        Dictionary<string, string> metadata = Model.Metadata(_imageSize);
        metadata[StepKey] = Step.ToString(CultureInfo.InvariantCulture);
        metadata[OptionsKey] = _description;
        IEnumerable<KeyValuePair<string, StoredTensor>> state = _optimizer.State.SelectMany(Kept).Select(
            kept => KeyValuePair.Create(kept.Key, StoredTensor.FromFloats(kept.Values, [kept.Values.Length])));
        float[] learned = [.. _optimizer.State.Select(m => (float)m.Steps)];
        state = state.Append(KeyValuePair.Create(StepsKey, StoredTensor.FromFloats(learned, [learned.Length])));
        Safetensors.Write(path, Model.State.ToStored(DataType.Float32).Concat(state), metadata);
    }

    /// <summary>Writes the averaged model, which is the result of the training.</summary>
    /// <exception cref="IOException">The file cannot be written; an existing file stays.</exception>
    public void SaveModel(string path, DataType type)
        => WithAverages(() =>
        {
            Safetensors.Write(path, [.. Model.State.ToStored(type)], Model.Metadata(_imageSize));
            return true;
        });

    /// <summary>
    /// Calls <paramref name="use"/> with the averaged weights, and with the running statistics of batch norm.
    /// </summary>
    public T WithAverages<T>(Func<T> use)
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

    private static IEnumerable<(string Key, float[] Values)> Kept(OptimizedWeight weight)
    {
        yield return (FirstPrefix + weight.Entry.Key, weight.First);
        if (!weight.IsMatrix)
            yield return (SecondPrefix + weight.Entry.Key, weight.Second);
        yield return (AveragePrefix + weight.Entry.Key, weight.Average);
    }

    private static void Take(Checkpoint checkpoint, string key, float[] target)
    {
        if (!checkpoint.Tensors.TryGetValue(key, out StoredTensor? stored) || stored.Count != target.Length)
            throw new CheckpointFormatException(checkpoint.Source, $"tensor {key} is missing or of another size");
        stored.Read(target);
        RequireFinite(checkpoint, key, target);
    }

    private static void RequireFinite(Checkpoint checkpoint, string key, ReadOnlySpan<float> values)
    {
        foreach (float value in values)
        {
            if (!float.IsFinite(value))
                throw new CheckpointFormatException(checkpoint.Source, $"tensor {key}: holds values that are not finite");
        }
    }
}
