using PocketSam.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace PocketSam.Layers;

/// <summary>
/// All weights of a model by PyTorch's keys, filled from a checkpoint
/// or with initial values during the construction of the layers.
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

    /// <summary>Entries in the order of construction.</summary>
    public IReadOnlyList<StateEntry> Entries => _entries;

    /// <summary>
    /// Whether the model is being trained: gradients are wanted, and batch norm uses the statistics of the batch. False
    /// for a model loaded for inference.
    /// </summary>
    public bool Training { get; private set; }

    /// <summary>Counts the changes of all weights.</summary>
    public int Version => _version.Value;

    /// <summary>The outermost scope.</summary>
    public Weights Root => new(this, "");

    /// <summary>
    /// Takes values from a checkpoint during the construction of the layers; <paramref name="isFrozen"/> is for
    /// inference only.
    /// </summary>
    /// <exception cref="CheckpointFormatException">The metadata of the quantisation is invalid or newer.</exception>
    public static StateDict FromCheckpoint(Checkpoint checkpoint, bool isFrozen = false) => new(checkpoint, null, isFrozen);

    public static StateDict FromSeed(int seed) => new(null, new Random(seed));

    /// <summary>
    /// Leaves all values at zero, for callers that need keys and shapes. Untouched memory takes no physical memory.
    /// </summary>
    public static StateDict Unfilled() => new(null, null);

    /// <summary>Switches training on or off.</summary>
    /// <exception cref="InvalidOperationException">The model is frozen: it was loaded for inference.</exception>
    public void SetTraining(bool training) => SetTraining(_ => training, training);

    /// <summary>
    /// Lets some weights learn and others stay; <paramref name="batchStatistics"/> tells whether batch norm uses the
    /// statistics of the batch and updates its running ones.
    /// </summary>
    /// <exception cref="InvalidOperationException">A frozen weight was to learn.</exception>
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
        // The tensor is looked up before memory is allocated.
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
    /// <exception cref="CheckpointFormatException">A tensor is
    /// missing, has another shape, or is not finite.</exception>
    public void Load(Checkpoint checkpoint)
    {
        foreach (StateEntry entry in _entries)
            Take(entry, Find(checkpoint, entry.Key, entry.StoredShape), checkpoint.Source);
    }

    /// <summary>
    /// Refuses a checkpoint with keys that no layer asked for and <paramref name="unused"/> does not accept, and lets
    /// go of the checkpoint.
    /// </summary>
    /// <exception cref="CheckpointFormatException">The checkpoint has such keys.</exception>
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

        // All values are read; the checkpoint's memory can go.
        _checkpoint = null;
    }

    /// <summary>
    /// The state dict as tensors of a checkpoint; values that gradients do not train stay in single precision.
    /// </summary>
    public IEnumerable<KeyValuePair<string, StoredTensor>> ToStored(DataType type)
    {
        foreach (StateEntry entry in _entries)
        {
            // Running variances can be far below the range of half precision.
            DataType stored = entry.Trainable ? type : DataType.Float32;
            yield return new(entry.Key, StoredTensor.FromFloats(entry.ToStored(), entry.StoredShape, stored));
        }
    }

    /// <summary>Whether products of the layer use integer arithmetic.</summary>
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
