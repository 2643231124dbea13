using PocketSam.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace PocketSam.Layers;

/// <summary>
/// All weights of a model by PyTorch's keys, filled from a checkpoint or with first values while the layers are
/// constructed.
/// </summary>
internal sealed class StateDict
{
    private Checkpoint? _checkpoint;
    private readonly Random? _random;
    private readonly List<StateEntry> _entries = [];

    private readonly bool _isFrozen;
    private readonly QuantizationInfo? _quantization;
    private readonly WeightVersion _version = new();

    private StateDict(Checkpoint? checkpoint, Random? random, bool isFrozen = false)
    {
        _isFrozen = isFrozen;
        _checkpoint = checkpoint;
        _random = random;
        _quantization = checkpoint is null || !isFrozen ? null : QuantizationInfo.Of(checkpoint);
    }

    /// <summary>Entries in the order in which layers asked for them.</summary>
    public IReadOnlyList<StateEntry> Entries => _entries;

    /// <summary>
    /// Whether the model is being trained: batch norm then uses the statistics of the batch, gradients are wanted.
    /// False for a model that is only used.
    /// </summary>
    public bool Training { get; private set; }

    /// <summary>Counts the changes of all weights.</summary>
    public int Version => _version.Value;

    /// <summary>The outermost scope.</summary>
    public Weights Root => new(this, "");

    /// <summary>Values of a checkpoint, for a model that is only used where <paramref name="isFrozen"/>.</summary>
    public static StateDict FromCheckpoint(Checkpoint checkpoint, bool isFrozen = false) => new(checkpoint, null, isFrozen);

    public static StateDict FromSeed(int seed) => new(null, new Random(seed));

    /// <summary>
    /// All values are left as they are, zero: for whoever wants keys and shapes. Memory that nobody wrote to takes none.
    /// </summary>
    public static StateDict Unfilled() => new(null, null);

    /// <summary>Switches training on or off.</summary>
    /// <exception cref="InvalidOperationException">The model was loaded to be used only.</exception>
    public void SetTraining(bool training) => SetTraining(_ => training, training);

    /// <summary>
    /// Lets some weights learn and others stay; <paramref name="batchStatistics"/> says whether batch norm uses the batch's
    /// statistics and moves its running ones.
    /// </summary>
    /// <exception cref="InvalidOperationException">The model was loaded to be used only.</exception>
    public void SetTraining(Func<StateEntry, bool> learns, bool batchStatistics)
    {
        Training = batchStatistics;
        foreach (StateEntry entry in _entries)
            entry.Weight.WantsGradient = entry.Trainable && learns(entry);
    }

    public Weight Add(
        string key, int[] storedShape, int[] shape, WeightLayout layout, Initializer initializer, bool trainable, bool decays,
        bool isProduct = false)
    {
        // What the checkpoint does not have is found before memory is taken for it.
        StoredTensor? stored = _checkpoint is null ? null : Find(_checkpoint, key, storedShape);
        if (stored?.Scales is { } scales && IsInteger(key))
        {
            var whole = new Weight(new QuantizedValues(StateEntry.Reorder(stored.ToSteps(), storedShape, layout), [.. scales]), shape, key);
            _entries.Add(new StateEntry(key, whole, storedShape, layout, trainable, decays));
            return whole;
        }

        var weight = new Weight(
            _isFrozen ? Tensor.Native(shape) : Tensor.Zeros(shape), key, _version, _isFrozen, isProduct);
        var entry = new StateEntry(key, weight, storedShape, layout, trainable, decays);
        if (stored is not null)
        {
            Take(entry, stored, _checkpoint!.Source);
        }
        else if (_random is not null)
        {
            float[] values = new float[entry.Weight.Count];
            initializer.Fill(values, _random);
            entry.FromStored(values);
        }

        _entries.Add(entry);
        return entry.Weight;
    }

    /// <summary>Replaces all values by those of a checkpoint of the same architecture.</summary>
    public void Load(Checkpoint checkpoint)
    {
        foreach (StateEntry entry in _entries)
            Take(entry, Find(checkpoint, entry.Key, entry.StoredShape), checkpoint.Source);
    }

    /// <summary>Refuses a checkpoint that has keys no layer asked for, but for those that are known to be unused.</summary>
    public void RefuseUnknownKeys(Func<string, bool> unused)
    {
        if (_checkpoint is null)
            return;
        var known = _entries.Select(e => e.Key).ToHashSet();
        string[] unknown = [.. _checkpoint.Tensors.Keys.Where(k => !known.Contains(k) && !unused(k))];
        if (unknown.Length > 0)
        {
            throw new CheckpointFormatException(
                _checkpoint.Source,
                $"holds {unknown.Length} tensors that this architecture does not have, the first: {unknown[0]}");
        }

        // Everything was taken from it; its bytes need not stay.
        _checkpoint = null;
    }

    /// <summary>The state dict as tensors of a checkpoint.</summary>
    public IEnumerable<KeyValuePair<string, StoredTensor>> ToStored(DataType type)
    {
        foreach (StateEntry entry in _entries)
        {
            // Running variances can be far below the range of half precision.
            DataType stored = entry.Trainable ? type : DataType.Float32;
            yield return new(entry.Key, StoredTensor.FromFloats(entry.ToStored(), entry.StoredShape, stored));
        }
    }

    /// <summary>Whether products of the layer are computed with whole numbers.</summary>
    private bool IsInteger(string key)
        => _quantization is { Arithmetic: QuantizedArithmetic.Int8 } info && QuantizableLayers.AreIntegers(key)
            && !info.FloatLayers.Contains(key[..key.LastIndexOf('.')]);

    private static void Take(StateEntry entry, StoredTensor stored, string source)
    {
        entry.FromStored(stored);
        if (!TensorPrimitives.IsFiniteAll<float>(entry.Weight.Span))
            throw new CheckpointFormatException(source, $"tensor {entry.Key}: holds a value that is not finite");
    }

    private static StoredTensor Find(Checkpoint checkpoint, string key, int[] shape)
    {
        if (!checkpoint.Tensors.TryGetValue(key, out StoredTensor? stored))
            throw new CheckpointFormatException(checkpoint.Source, $"tensor {key} is missing");
        if (!stored.Shape.SequenceEqual(shape))
        {
            throw new CheckpointFormatException(
                checkpoint.Source,
                $"tensor {key}: shape [{string.Join(", ", stored.Shape)}] where the architecture has " +
                $"[{string.Join(", ", shape)}]");
        }

        return stored;
    }
}
