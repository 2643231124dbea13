using System.Diagnostics;

namespace PocketSam.Training.Evaluation;

/// <summary>
/// A measure of a model on a data set in two halves: what is measured in each picture, which several processes may share, and the report
/// that is made of all records in the order of the pictures. One process does the same two, so its numbers are those of any number of processes.
/// </summary>
/// <typeparam name="TReport">The report.</typeparam>
public sealed class PictureMeasure<TReport>
{
    private readonly int _count;
    private readonly Func<int, string> _name;
    private readonly Func<int, int, CancellationToken, PictureRecord> _measure;
    private readonly Func<IReadOnlyList<PictureRecord>, long, CancellationToken, TReport> _report;
    private IReadOnlyList<string>? _pictures;

    /// <param name="facts">What decides the numbers.</param>
    /// <param name="count">Pictures of the data set.</param>
    /// <param name="name">The name of the picture of a place.</param>
    /// <param name="measure">Measures the picture of a place, and in it no more than so many masks.</param>
    /// <param name="report">Makes the report of records, given when measuring began.</param>
    internal PictureMeasure(
        IReadOnlyDictionary<string, string> facts, int count, Func<int, string> name, Func<int, int, CancellationToken, PictureRecord> measure,
        Func<IReadOnlyList<PictureRecord>, long, CancellationToken, TReport> report)
        => (Facts, _count, _name, _measure, _report) = (facts, count, name, measure, report);

    /// <summary>
    /// What the numbers depend on beside the data and the model's weights, by name; <c>measure</c>, <c>model</c> and <c>data</c> are among
    /// them. With the records it is all that a report is made of.
    /// </summary>
    public IReadOnlyDictionary<string, string> Facts { get; }

    /// <summary>The names of the pictures in their order.</summary>
    public IReadOnlyList<string> Pictures => _pictures ??= [.. Enumerable.Range(0, _count).Select(_name)];

    /// <summary>After as many masks <see cref="Run"/> ends.</summary>
    internal int MaxMasks { get; init; } = int.MaxValue;

    /// <summary><see cref="Run"/> looks at no more pictures.</summary>
    internal int MaxImages { get; init; } = int.MaxValue;

    /// <summary>Measures all pictures, or the first where the options say so. Any number of threads gives the same result.</summary>
    /// <param name="progress">Told after each picture.</param>
    /// <param name="cancellation">Looked at before each picture and within.</param>
    /// <exception cref="DataFormatException">A picture is missing or of another size than stated, or there is nothing to measure.</exception>
    /// <exception cref="IOException">A picture cannot be read.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public TReport Run(IProgress<EvaluationProgress>? progress = null, CancellationToken cancellation = default)
    {
        long start = Stopwatch.GetTimestamp();
        List<PictureRecord> records = [];
        Measure([.. Enumerable.Range(0, Math.Min(_count, MaxImages))], MaxMasks, records.Add, progress, cancellation);
        return _report(records, start, cancellation);
    }

    /// <summary>Measures some pictures: a part of what <see cref="Run"/> measures.</summary>
    /// <param name="places">The places of the pictures.</param>
    /// <param name="done">Given what was measured in each picture, as soon as it is.</param>
    /// <param name="progress">Told after each picture.</param>
    /// <param name="cancellation">Looked at before each picture and within.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such place.</exception>
    /// <exception cref="DataFormatException">A picture is missing or of another size than stated.</exception>
    /// <exception cref="IOException">A picture cannot be read.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
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
