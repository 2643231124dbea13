namespace PocketSam.Training.FineTuning;

/// <summary>What a fine-tuning gave.</summary>
public sealed class FineTuningResult
{
    /// <summary>By how much one of the figures must rise, and by how much the other may fall, for a model to be called better.</summary>
    public const double Margin = 0.005;

    private readonly Checkpoint _checkpoint;

    internal FineTuningResult(Checkpoint checkpoint, Sam model, FineTuningFigures before, FineTuningFigures after)
        => (_checkpoint, Model, Before, After) = (checkpoint, model, before, after);

    /// <summary>The tuned model.</summary>
    public Sam Model { get; }

    /// <summary>What the model found before, in the pictures that were kept back.</summary>
    public FineTuningFigures Before { get; }

    /// <summary>What the tuned one finds in them.</summary>
    public FineTuningFigures After { get; }

    /// <summary>Pictures that were learned from.</summary>
    public int Learned { get; init; }

    /// <summary>Objects of the pictures that were kept back.</summary>
    public int Objects { get; init; }

    /// <summary>The pictures that were kept back, in the order of their names.</summary>
    public IReadOnlyList<FineTuningComparison> Pictures { get; init; } = [];

    /// <summary>
    /// Whether one of the two figures is higher by <see cref="Margin"/> or more and the other not lower by more than that.
    /// </summary>
    public bool IsBetter
    {
        get
        {
            double box = After.Box - Before.Box, click = After.Click - Before.Click;
            return Math.Max(box, click) >= Margin && Math.Min(box, click) >= -Margin;
        }
    }

    /// <summary>Writes the tuned model.</summary>
    /// <param name="path">A safetensors file; one that exists is replaced.</param>
    /// <param name="metadata">More strings to keep with it; names that begin with <c>pocketsam.</c> are not for others.</param>
    /// <exception cref="IOException">The file cannot be written; an older one stays.</exception>
    public void Save(string path, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var all = new Dictionary<string, string>(_checkpoint.Metadata);
        foreach ((string name, string value) in metadata ?? new Dictionary<string, string>())
            all[name] = value;
        Safetensors.Write(path, [.. _checkpoint.Tensors], all);
    }
}
