namespace PocketSam.Training.FineTuning;

/// <summary>The result of a fine-tuning.</summary>
public sealed class FineTuningResult
{
    /// <summary>
    /// The mean IoU by which one of the two figures must rise, and by which the other may fall at most, for the tuned
    /// model to count as better.
    /// </summary>
    public const double Margin = 0.005;

    private readonly Checkpoint _checkpoint;

    internal FineTuningResult(Checkpoint checkpoint, Sam model, FineTuningFigures before, FineTuningFigures after)
        => (_checkpoint, Model, Before, After) = (checkpoint, model, before, after);

    /// <summary>The tuned model.</summary>
    public Sam Model { get; }

    /// <summary>The figures of the original model on held-out pictures.</summary>
    public FineTuningFigures Before { get; }

    /// <summary>The figures of the tuned model on the same pictures.</summary>
    public FineTuningFigures After { get; }

    /// <summary>Number of training pictures.</summary>
    public int Learned { get; init; }

    /// <summary>Number of objects in the held-out pictures.</summary>
    public int Objects { get; init; }

    /// <summary>The held-out pictures, in the order of their names.</summary>
    public IReadOnlyList<FineTuningComparison> Pictures { get; init; } = [];

    /// <summary>
    /// Whether one of the two figures is higher by at least <see cref="Margin"/>, and the other is not lower by more
    /// than that.
    /// </summary>
    public bool IsBetter
    {
        get
        {
            double box = After.Box - Before.Box, click = After.Click - Before.Click;
            return Math.Max(box, click) >= Margin && Math.Min(box, click) >= -Margin;
        }
    }

    /// <summary>Writes the tuned model to a file.</summary>
    /// <param name="path">Path of the safetensors file; an existing file is replaced.</param>
    /// <param name="metadata">
    /// Further strings for the metadata, by name; names that start with <c>pocketsam.</c> are reserved.
    /// </param>
    /// <exception cref="IOException">The file cannot be written; an existing file is unchanged.</exception>
    public void Save(string path, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var all = new Dictionary<string, string>(_checkpoint.Metadata);
        foreach ((string name, string value) in metadata ?? new Dictionary<string, string>())
            all[name] = value;
        Safetensors.Write(path, [.. _checkpoint.Tensors], all);
    }
}
