namespace PocketSam.Cli.Charts;

/// <summary>One column of a training log: a value for each step that has one.</summary>
/// <param name="column">Its name in the log.</param>
internal sealed class Curve(string column)
{
    /// <summary>Largest number of points drawn for a curve.</summary>
    public const int MaxPoints = 1000;

    private const string ValidationPrefix = "val_", LossName = "loss", IouSuffix = "_iou";

    /// <summary>Least number of values on either side in a moving average, if there are enough values.</summary>
    private const int MinReach = 15;

    /// <summary>The moving average starts with this fraction (1/8) of its reach.</summary>
    private const int StartShare = 8;

    private readonly List<(long Step, double Value)> _points = [];

    public string Column { get; } = column;

    /// <summary>The quantity of its values.</summary>
    public Quantity Quantity { get; } = QuantityOf(column)
        ?? throw new ArgumentException($"no curve is drawn of the column '{column}'", nameof(column));

    /// <summary>
    /// Whether it is measured on validation pictures. Few steps have such a value, and it is not averaged.
    /// </summary>
    public bool IsValidation => Column.StartsWith(ValidationPrefix, StringComparison.Ordinal);

    /// <summary>
    /// The measure, without the words that the quantity implies: <c>box</c> for <c>box_iou</c> and <c>val_box_iou</c>.
    /// </summary>
    public string Measure
    {
        get
        {
            string name = IsValidation ? Column[ValidationPrefix.Length..] : Column;
            string suffix = Quantity == Quantity.Iou ? IouSuffix : $"_{LossName}";
            return (name.EndsWith(suffix, StringComparison.Ordinal) ? name[..^suffix.Length] : name).Replace('_', ' ');
        }
    }

    /// <summary>Number of values.</summary>
    public int Count => _points.Count;

    /// <summary>The last value of a validation, else the moving average at the end.</summary>
    public double Last => Line()[^1].Value;

    /// <summary>
    /// Number of values on either side in the moving average: a fortieth of all, or an eighth if there are few.
    /// </summary>
    private int Reach => Math.Max(Count / 40, Math.Min(Count / 8, MinReach));

    /// <summary>The quantity of a column's values; null for a column that is not drawn.</summary>
    public static Quantity? QuantityOf(string column) => column switch
    {
        LossName => Charts.Quantity.Loss,
        "learning_rate" => Charts.Quantity.LearningRate,
        _ when column.EndsWith(LossName, StringComparison.Ordinal) => Charts.Quantity.Loss,
        _ when column.EndsWith(IouSuffix, StringComparison.Ordinal) => Charts.Quantity.Iou,
        _ when column.StartsWith(ValidationPrefix, StringComparison.Ordinal) => Charts.Quantity.Iou,
        _ => null,
    };

    /// <summary>Adds the value of a step, unless it is not finite.</summary>
    public void Add(long step, double value)
    {
        if (double.IsFinite(value))
            _points.Add((step, value));
    }

    /// <summary>The raw values, evenly thinned to <see cref="MaxPoints"/>.</summary>
    public IReadOnlyList<(long Step, double Value)> Points() => [.. Places().Select(i => _points[i])];

    /// <summary>
    /// The values of the drawn line, at the steps of <see cref="Points"/>. Losses and IoUs of training steps are moving
    /// averages, with a shorter reach at the start, where a loss falls fastest and an average over later values would
    /// be too low.
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

    /// <summary>Indices of the first value, the last, and evenly spaced ones between.</summary>
    private IEnumerable<int> Places()
        => Count <= MaxPoints
            ? Enumerable.Range(0, Count)
            : Enumerable.Range(0, MaxPoints).Select(i => (int)((long)i * (Count - 1) / (MaxPoints - 1)));
}
