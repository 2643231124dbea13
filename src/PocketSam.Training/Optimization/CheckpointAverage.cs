using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace PocketSam.Training.Optimization;

/// <summary>
/// Averages the weights of several trainings from the same initial weights ("model soup", Wortsman et al.,
/// arXiv:2203.05482): often better than each of them, at no cost in inference.
/// </summary>
public static class CheckpointAverage
{
    /// <summary>
    /// Averages models of one architecture. Learned words are left out, because they belong to the features of one
    /// model. Tensor types and other metadata are those of the first model.
    /// </summary>
    /// <param name="parts">Two or more models in floating point, and the share of each, above 0; shares are divided by
    /// their sum.</param>
    /// <param name="cancellation">Checked before each tensor.</param>
    /// <exception cref="ArgumentException">There are fewer than two models, or a share is not above 0.</exception>
    /// <exception cref="CheckpointFormatException">A model is quantised, or has other tensors or shapes than the
    /// first.</exception>
    public static Checkpoint Of(IReadOnlyList<(Checkpoint Model, double Share)> parts, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(parts);
        ArgumentOutOfRangeException.ThrowIfLessThan(parts.Count, 2);
        double all = 0;
        foreach ((Checkpoint model, double share) in parts)
        {
            if (!(share > 0 && double.IsFinite(share)))
                throw new ArgumentException($"{model.Source}: a share of {share} is not above 0", nameof(parts));
            QuantizationInfo.RequireFloats(model);
            all += share;
        }

        Checkpoint first = parts[0].Model;
        Dictionary<string, StoredTensor> own = WithoutWords(first);
        foreach ((Checkpoint model, _) in parts.Skip(1))
            RequireSame(first, own, model);
        var tensors = new Dictionary<string, StoredTensor>();
        foreach ((string key, StoredTensor tensor) in own)
        {
            cancellation.ThrowIfCancellationRequested();
            if (!tensor.IsFloating)
            {
                tensors.Add(key, tensor);
                continue;
            }

            float[] mean = new float[tensor.Count];
            foreach ((Checkpoint model, double share) in parts)
                TensorPrimitives.MultiplyAdd(model.Tensors[key].ToFloats(), (float)(share / all), mean, mean);
            tensors.Add(key, StoredTensor.FromFloats(mean, tensor.Shape, tensor.Type));
        }

        return new Checkpoint(
            first.Source, tensors, first.Metadata.Where(pair => pair.Key != WordVocabulary.MetadataKey).ToDictionary());
    }

    private static Dictionary<string, StoredTensor> WithoutWords(Checkpoint model)
        => model.Tensors.Where(tensor => !tensor.Key.StartsWith(WordVocabulary.KeyPrefix, StringComparison.Ordinal)).ToDictionary();

    private static void RequireSame(Checkpoint first, Dictionary<string, StoredTensor> own, Checkpoint model)
    {
        Dictionary<string, StoredTensor> other = WithoutWords(model);
        if (own.Keys.Except(other.Keys).FirstOrDefault() is { } missing)
            throw new CheckpointFormatException(model.Source, $"tensor {missing} is missing, which {first.Source} has");
        if (other.Keys.Except(own.Keys).FirstOrDefault() is { } surplus)
            throw new CheckpointFormatException(model.Source, $"tensor {surplus}: {first.Source} has none");
        foreach ((string key, StoredTensor tensor) in own)
        {
            if (!tensor.Shape.SequenceEqual(other[key].Shape) || tensor.IsFloating != other[key].IsFloating)
                throw new CheckpointFormatException(model.Source, $"tensor {key}: of another shape or kind than in {first.Source}");
        }
    }
}
