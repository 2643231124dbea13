using System.Diagnostics;

namespace PocketSam.Training.Evaluation;

/// <summary>
/// A measure of a model on a data set in two steps: measuring each picture, which several processes can share, and
/// making the report from the records of all pictures in their order. One process runs the same two steps, so that the
/// numbers do not depend on the number of processes.
/// </summary>
/// <typeparam name="TReport">Type of the report.</typeparam>
public sealed class PictureMeasure<TReport>
{
    private readonly int _count;
    private readonly Func<int, string> _name;
    private readonly Func<int, int, CancellationToken, PictureRecord> _measure;
    private readonly Func<IReadOnlyList<PictureRecord>, long, CancellationToken, TReport> _report;
    private IReadOnlyList<string>? _pictures;

    /// <param name="facts">The settings that determine the numbers, by name.</param>
    /// <param name="count">Number of pictures of the data set.</param>
    /// <param name="name">Gives the name of the picture of an index.</param>
    /// <param name="measure">Measures the picture of an index, and at most the given number of its masks.</param>
    /// <param name="report">Makes the report from the records and the timestamp of the start.</param>
    internal PictureMeasure(
        IReadOnlyDictionary<string, string> facts, int count, Func<int, string> name, Func<int, int, CancellationToken, PictureRecord> measure,
        Func<IReadOnlyList<PictureRecord>, long, CancellationToken, TReport> report)
        => (Facts, _count, _name, _measure, _report) = (facts, count, name, measure, report);

    /// <summary>
    /// The settings that determine the numbers, apart from the data and the model's weights, by name; among them
    /// <c>measure</c>, <c>model</c> and <c>data</c>. Settings and records determine the report.
    /// </summary>
    public IReadOnlyDictionary<string, string> Facts { get; }

    /// <summary>The names of all pictures, in order.</summary>
    public IReadOnlyList<string> Pictures => _pictures ??= [.. Enumerable.Range(0, _count).Select(_name)];

    /// <summary>The number of masks after which <see cref="Run"/> ends.</summary>
    internal int MaxMasks { get; init; } = int.MaxValue;

    /// <summary>The number of pictures that <see cref="Run"/> reads at most.</summary>
    internal int MaxImages { get; init; } = int.MaxValue;

    /// <summary>
    /// Measures all pictures, or as many as the options allow. The result does not depend on the number of threads.
    /// </summary>
    /// <param name="progress">Reports each picture.</param>
    /// <param name="cancellation">Checked before each picture and within it.</param>
    /// <exception cref="DataFormatException">
    /// A picture is missing or has another size than stated, or there is nothing to measure.
    /// </exception>
    /// <exception cref="IOException">A picture cannot be read.</exception>
    /// <exception cref="OperationCanceledException">The run is cancelled.</exception>
    public TReport Run(IProgress<EvaluationProgress>? progress = null, CancellationToken cancellation = default)
    {
        long start = Stopwatch.GetTimestamp();
        List<PictureRecord> records = [];
        Measure([.. Enumerable.Range(0, Math.Min(_count, MaxImages))], MaxMasks, records.Add, progress, cancellation);
        return _report(records, start, cancellation);
    }

    /// <summary>Measures the pictures of given indices, without a report.</summary>
    /// <param name="places">Indices of the pictures, from 0.</param>
    /// <param name="done">Receives the record of each picture as soon as it is measured.</param>
    /// <param name="progress">Reports each picture.</param>
    /// <param name="cancellation">Checked before each picture and within it.</param>
    /// <exception cref="ArgumentOutOfRangeException">An index is out of range.</exception>
    /// <exception cref="DataFormatException">A picture is missing or has another size than stated.</exception>
    /// <exception cref="IOException">A picture cannot be read.</exception>
    /// <exception cref="OperationCanceledException">The run is cancelled.</exception>
    public void Measure(
        IReadOnlyList<int> places, Action<PictureRecord> done, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(places);
        ArgumentNullException.ThrowIfNull(done);
        foreach (int place in places)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(place, nameof(places));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(place, _count, nameof(places));
        }

        Measure(places, int.MaxValue, done, progress, cancellation);
    }

    private void Measure(
        IReadOnlyList<int> places, int limit, Action<PictureRecord> done, IProgress<EvaluationProgress>? progress, CancellationToken cancellation)
    {
        int masks = 0;
        foreach ((int i, int place) in places.Index())
        {
            cancellation.ThrowIfCancellationRequested();
            if (masks == limit)
                break;
            PictureRecord record = _measure(place, limit - masks, cancellation);
            done(record);
            masks += record.Count;
            progress?.Report(new EvaluationProgress(i + 1, places.Count, masks));
        }
    }
}
