using PocketSam.Cli.Sharding;
using PocketSam.Training.Evaluation;
using PocketSam.Training.Evaluation.Detections;
using PocketSam.Training.Evaluation.Edges;

namespace PocketSam.Cli.Measures;

/// <summary>
/// A share of a measure: the record of each picture, written picture by picture. The report is made from the records of
/// all shares.
/// </summary>
internal static class MeasurePart
{
    /// <summary>The verb in part files.</summary>
    public const string Verb = "evaluate";

    /// <summary>The names of the settings for the folder of the pictures and the digest of the data.</summary>
    public const string Images = "images", Digest = "SHA-256 of the data";

    private const string Measure = "measure", Data = "data";

    /// <summary>Measures the missing pictures of a share.</summary>
    /// <param name="folder">The folder of the part file.</param>
    /// <param name="share">The share.</param>
    /// <param name="measure">The measure.</param>
    /// <param name="facts">
    /// Further settings that determine the numbers, such as fingerprints and digests, by name.
    /// </param>
    /// <param name="progress">Reports each picture.</param>
    /// <param name="cancellation">Checked before each picture and within it.</param>
    /// <returns>The number of pictures of the share, and how many were already measured.</returns>
    /// <exception cref="IOException">
    /// The part is of another run or cannot be written, or a picture cannot be read.
    /// </exception>
    public static (int Pictures, int Present) Write<TReport>(
        string folder, Share share, PictureMeasure<TReport> measure, IReadOnlyDictionary<string, string> facts,
        IProgress<EvaluationProgress> progress, CancellationToken cancellation)
    {
        IReadOnlyList<string> names = measure.Pictures;
        using var log = new PartLog(folder, PartOf.Of(Verb, share, names, new Dictionary<string, string>(measure.Facts.Concat(facts))));
        int[] places = [.. names.Index().Where(one => share.Holds(one.Item)).Select(one => one.Index)];
        if (log.IsWhole)
            return (places.Length, places.Length);
        var done = new HashSet<int>(log.Items.Select(item => item.Place));
        measure.Measure(
            [.. places.Where(place => !done.Contains(place))],
            record => log.Add(new PartItem(
                record.Place, names[record.Place], Error: record.Error, Values: record.Values.Count > 0 ? record.Values : null,
                Masks: record.Masks, Best: record.Best, Worst: record.Worst)),
            progress, cancellation);
        log.End();
        return (places.Length, done.Count);
    }

    /// <summary>The report of all parts, equal to that of one process, and the masks, for AP only.</summary>
    /// <returns>
    /// An <see cref="EvaluationReport"/>, an <see cref="AgreementReport"/> or a <see cref="MeasureReport"/>; and the
    /// masks, null for measures other than AP.
    /// </returns>
    /// <exception cref="IOException">The parts are not of a known measure, or the data have changed.</exception>
    public static (object Report, Detections? Masks) Join(PartSet parts, CancellationToken cancellation)
    {
        IReadOnlyDictionary<string, string> facts = parts.Run.Facts;
        PictureRecord[] records =
        [
            .. parts.Items.Select(one => new PictureRecord(one.Item.Place, one.Item.Values ?? new Dictionary<string, double[]>())
            {
                Masks = one.Item.Masks, Best = one.Item.Best, Worst = one.Item.Worst, Error = one.Item.Error,
            }),
        ];
        try
        {
            string measure = Fact(Measure);
            return measure switch
            {
                Evaluator.MeasureName => (Evaluator.Report(facts, records), null),
                FastSamEvaluator.MeasureName => (FastSamEvaluator.Report(facts, records), null),
                AgreementEvaluator.MeasureName => (AgreementEvaluator.Report(facts, records), null),
                _ => MeasureName.Parse(measure)?.Kind switch
                {
                    MeasureKind.CocoAp or MeasureKind.LvisAp => DetectionMeasure.Report(facts, Truths(), records, cancellation),
                    MeasureKind.Proposals => (DetectionMeasure.Report(facts, Truths(), records, cancellation).Report, null),
                    MeasureKind.Edges => (EdgeMeasure.Report(facts, records), null),
                    MeasureKind.Similar => (SimilarMeasure.Report(facts, records), null),
                    MeasureKind.Noc => (NocMeasure.Report(facts, records), null),
                    MeasureKind.EverythingMiou => (EverythingMeasure.Report(facts, records), null),
                    MeasureKind.Points => (PointMeasure.Report(facts, records), null),
                    _ => throw new FormatException($"parts of the measure '{measure}', which this version does not know"),
                },
            };
        }
        catch (Exception e) when (e is DataFormatException or ArgumentException or FormatException)
        {
            throw new IOException($"{parts.Items[0].Folder}: {e.Message}", e);
        }

        string Fact(string name) => facts.GetValueOrDefault(name) ?? throw new FormatException("the parts do not say what was measured");

        DetectionTruths Truths()
        {
            string data = Fact(Data);
            if (PartDigest.Of([data]) != Fact(Digest))
                throw new IOException($"{data}: has changed since the shares were measured");
            return DetectionTruths.Load(data, facts.GetValueOrDefault(Images));
        }
    }
}
