namespace PocketSam.Cli.Charts;

/// <summary>One column of a training's log: a value for each step that has one.</summary>
/// <param name="column">Its name in the log.</param>
internal sealed class Curve(string column)
{
    /// <summary>Most points that are drawn of a curve.</summary>
    public const int MaxPoints = 1000;

    private const string ValidationPrefix = "val_", LossName = "loss", IouSuffix = "_iou";

    /// <summary>A mean reaches this far at least, if there are enough values.</summary>
    private const int MinReach = 15;

    /// <summary>The mean at the first step reaches this part of the way.</summary>
    private const int StartShare = 8;

    private readonly List<(long Step, double Value)> _points = [];

    public string Column { get; } = column;

    /// <summary>What its values are.</summary>
    public Quantity Quantity { get; } = QuantityOf(column)
        ?? throw new ArgumentException($"no curve is drawn of the column '{column}'", nameof(column));

    /// <summary>Measured on validation pictures: few steps have a value, which is no mean of its neighbours.</summary>
    public bool IsValidation => Column.StartsWith(ValidationPrefix, StringComparison.Ordinal);

    /// <summary>What was measured, without what the quantity says: <c>box</c> for <c>box_iou</c> and <c>val_box_iou</c>.</summary>
    public string Measure
    {
        get
        {
            string name = IsValidation ? Column[ValidationPrefix.Length..] : Column;
            string suffix = Quantity == Quantity.Iou ? IouSuffix : $"_{LossName}";
            return (name.EndsWith(suffix, StringComparison.Ordinal) ? name[..^suffix.Length] : name).Replace('_', ' ');
        }
    }

    /// <summary>Values added.</summary>
    public int Count => _points.Count;

    /// <summary>The last value of a validation, else the mean of the last values.</summary>
    public double Last => Line()[^1].Value;

    /// <summary>Values on either side of the middle one: a fortieth of all, or an eighth where there are few.</summary>
    private int Reach => Math.Max(Count / 40, Math.Min(Count / 8, MinReach));

    /// <summary>What a column's values are; null for one that is not drawn.</summary>
    public static Quantity? QuantityOf(string column) => column switch
    {
        LossName => Charts.Quantity.Loss,
        "learning_rate" => Charts.Quantity.LearningRate,
        _ when column.EndsWith(LossName, StringComparison.Ordinal) => Charts.Quantity.Loss,
        _ when column.EndsWith(IouSuffix, StringComparison.Ordinal) => Charts.Quantity.Iou,
        _ when column.StartsWith(ValidationPrefix, StringComparison.Ordinal) => Charts.Quantity.Iou,
        _ => null,
    };

    /// <summary>Adds the value of a step; one that is not finite is passed over.</summary>
    public void Add(long step, double value)
    {
        if (double.IsFinite(value))
            _points.Add((step, value));
    }

    /// <summary>The values themselves, evenly thinned to <see cref="MaxPoints"/>.</summary>
    public IReadOnlyList<(long Step, double Value)> Points() => [.. Places().Select(i => _points[i])];

    /// <summary>
    /// What is drawn as a line, at the same steps. Losses and IoUs of training steps are means of the values around them: of
    /// fewer at the start, where a loss falls fastest and a mean over mostly later values would be too low.
    /// </summary>
    public IReadOnlyList<(long Step, double Value)> Line()
    {
        if (IsValidation || Quantity == Quantity.LearningRate)
            return Points();
        double[] sums = new double[Count + 1];
        for (int i = 0; i < Count; i++)
            sums[i + 1] = sums[i] + _points[i].Value;
        int most = Reach, least = (most + StartShare - 1) / StartShare;
        return
        [
            .. Places().Select(i =>
            {
                int reach = Math.Min(most, Math.Max(least, i));
                int start = Math.Max(0, i - reach), end = Math.Min(Count, i + reach + 1);
                return (_points[i].Step, (sums[end] - sums[start]) / (end - start));
            }),
        ];
    }

    /// <summary>The first value, the last, and evenly spaced ones between.</summary>
    private IEnumerable<int> Places()
        => Count <= MaxPoints
            ? Enumerable.Range(0, Count)
            : Enumerable.Range(0, MaxPoints).Select(i => (int)((long)i * (Count - 1) / (MaxPoints - 1)));
}
