using System.Globalization;
using PocketSam.Models;

namespace PocketSam.Training.Optimization;

/// <summary>
/// Everything a training changes: weights, running statistics, moments, averages and the number of the step. It is
/// written as one checkpoint, from which training goes on as if it had never stopped.
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

    /// <param name="model">What is trained.</param>
    /// <param name="options">The optimiser's numbers.</param>
    /// <param name="description">All that the numbers of this training depend on besides its first weights.</param>
    /// <param name="imageSize">What becomes the model's own input size.</param>
    public TrainingState(SamModel model, OptimizerOptions options, string description, int imageSize)
    {
        Model = model;
        _description = description;
        _imageSize = imageSize;
        _optimizer = new Optimizer(model.State, options);
    }

    /// <summary>Steps done.</summary>
    public long Step { get; private set; }

    public SamModel Model { get; }

    /// <summary>The checkpoint without what only a training needs.</summary>
    public static Checkpoint ModelOf(Checkpoint checkpoint) => checkpoint with
    {
        Tensors = checkpoint.Tensors
            .Where(t => !t.Key.StartsWith(OptimizerPrefix, StringComparison.Ordinal)).ToDictionary(),
    };

    /// <summary>Takes what <see cref="Save"/> wrote; the weights came with the model.</summary>
    /// <exception cref="CheckpointFormatException">It is damaged, not of a training, or of one with other options.</exception>
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

        // A checkpoint without this tensor is of a training in which every weight learned in every step.
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

    /// <summary>One step with the gradients that were collected. Returns their norm before clipping.</summary>
    /// <exception cref="TrainingDivergedException">Loss or gradient are not finite; no weight was changed.</exception>
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

    /// <summary>Writes everything that <see cref="Restore"/> needs.</summary>
    /// <exception cref="IOException">The file cannot be written; an older checkpoint stays.</exception>
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

    /// <summary>Writes the averaged model, which is the result of training.</summary>
    /// <exception cref="IOException">The file cannot be written; an older one stays.</exception>
    public void SaveModel(string path, DataType type)
        => WithAverages(() =>
        {
            Safetensors.Write(path, [.. Model.State.ToStored(type)], Model.Metadata(_imageSize));
            return true;
        });

    /// <summary>Lets <paramref name="use"/> see the averaged model, batch norm with its running statistics.</summary>
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
