using System.Diagnostics;
using System.Globalization;

namespace PocketSam.Training.Evaluation.Edges;

/// <summary>Zero-shot edge detection by BSDS500's benchmark (SAM, appendix D.2): ODS, OIS, AP and R50.</summary>
/// <remarks>
/// Edge maps are thresholded at 99 values and thinned. For each annotator, a maximum number of pairs of annotated and
/// detected pixels is matched, at most 0.0075 of the picture's diagonal apart. A detected pixel is right if it matches
/// any annotator; recall is over the annotations of all.
/// </remarks>
public static class EdgeMeasure
{
    private const string Name = "edges";

    /// <summary>Points per side of SAM's grid.</summary>
    private const int Grid = 16;

    private const string Masks = "masks", Edges = "edges", Annotators = "annotators";
    private const string Recalled = "recalled", Marked = "marked", Right = "right", Found = "found";

    /// <summary>Creates the measure of a model.</summary>
    /// <param name="sam">The model.</param>
    /// <param name="reader">Decodes pictures, and boundary maps in picture files.</param>
    /// <param name="truths">The pictures and their annotated boundaries.</param>
    /// <param name="options">The number of pictures, and the grid.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static PictureMeasure<MeasureReport> Of(Sam sam, PictureReader reader, BoundaryTruths truths, MeasureOptions options)
    {
        ArgumentNullException.ThrowIfNull(sam);
        ArgumentNullException.ThrowIfNull(truths);
        ArgumentNullException.ThrowIfNull(options);
        int grid = options.PointsPerSide ?? Grid;
        var detector = new EdgeDetector(sam, grid);
        Dictionary<string, string> facts = MeasureFacts.Of(Name, sam.Name, truths.Path);
        facts[MeasureFacts.PointsPerSide] = MeasureFacts.Text(grid);
        facts[Masks] = "three a point, no threshold, box NMS 0.7";
        facts[Edges] = "Sobel of the probability at the mask's boundary, strongest of all masks, Canny's suppression";
        return Over(
            reader, truths, options, facts, (_, picture, cancellation) => detector.Find(picture, options.ImageSize, cancellation));
    }

    /// <summary>Evaluates given edge maps.</summary>
    /// <param name="folder">The folder of the maps, <c>NAME.png</c> for each picture, bright at edges.</param>
    /// <param name="reader">Decodes pictures and maps.</param>
    /// <param name="truths">The pictures and their annotated boundaries.</param>
    /// <param name="progress">Reports each picture.</param>
    /// <param name="cancellation">Checked within each picture.</param>
    /// <exception cref="IOException">A map, a picture or an annotation file is missing or damaged.</exception>
    /// <exception cref="OperationCanceledException">The run is cancelled.</exception>
    public static MeasureReport Count(
        string folder, PictureReader reader, BoundaryTruths truths, IProgress<EvaluationProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(truths);
        Dictionary<string, string> facts = MeasureFacts.Of(Name, null, truths.Path);
        facts[Edges] = folder;
        return Over(
            reader, truths, new MeasureOptions(), facts,
            (name, picture, _) =>
            {
                string path = Path.Combine(folder, name + ".png");
                if (!File.Exists(path))
                    throw new DataFormatException(path, "there is no such map of edges");
                RgbImage map = reader(path);
                if (map.Width != picture.Width || map.Height != picture.Height)
                    throw new DataFormatException(path, $"a map of {map.Width}x{map.Height} for a picture of {picture.Width}x{picture.Height}");
                return new EdgeMap(
                    map.Width, map.Height, [.. Enumerable.Range(0, map.Width * map.Height).Select(i => map.Pixels[3 * i] / 255f)]);
            }).Run(progress, cancellation);
    }

    /// <summary>Makes the report from the records of all pictures.</summary>
    /// <param name="facts">The settings of the measure (<see cref="PictureMeasure{TReport}.Facts"/>).</param>
    /// <param name="records">The records of the pictures, in order.</param>
    /// <exception cref="DataFormatException">There is no record, or a value is missing.</exception>
    public static MeasureReport Report(IReadOnlyDictionary<string, string> facts, IReadOnlyList<PictureRecord> records)
    {
        ArgumentNullException.ThrowIfNull(facts);
        ArgumentNullException.ThrowIfNull(records);
        if (records.Count == 0)
            throw new DataFormatException(facts.Fact(MeasureFacts.Data), "no picture was measured");
        var cases = CaseCollector.Of(records);
        Dictionary<string, string> protocol = facts.ContainsKey(MeasureFacts.Model)
            ? facts.Only(MeasureFacts.PointsPerSide, Masks, Edges) : facts.Only(Edges);
        protocol[Annotators] = MeasureFacts.Text(records.Sum(record => record.Number(Annotators)));
        protocol["pairs"] = "as many as can be, at most 0.0075 of the diagonal apart";
        return new MeasureReport(
            Name, facts.GetValueOrDefault(MeasureFacts.Model), facts.Fact(MeasureFacts.Data), protocol,
            ToTables([.. records.Select(CountsOf)], records.Sum(record => record.Number(PictureRecord.Seconds)) / records.Count))
        {
            Images = records.Count, Best = cases.Best, Worst = cases.Worst,
        };
    }

    private static PictureMeasure<MeasureReport> Over(
        PictureReader reader, BoundaryTruths truths, MeasureOptions options, IReadOnlyDictionary<string, string> facts,
        Func<string, RgbImage, CancellationToken, EdgeMap> find)
    {
        ArgumentNullException.ThrowIfNull(reader);
        options.Validate();
        return new PictureMeasure<MeasureReport>(
            facts, truths.Count, truths.NameOf, (place, _, cancellation) => Measure(reader, truths, place, find, cancellation),
            (records, start, _) => Report(facts, records).WithTimeSince(start))
        {
            MaxImages = options.MaxImages ?? int.MaxValue,
        };
    }

    private static PictureRecord Measure(
        PictureReader reader, BoundaryTruths truths, int place, Func<string, RgbImage, CancellationToken, EdgeMap> find,
        CancellationToken cancellation)
    {
        string path = truths.PictureOf(place);
        RgbImage picture = reader(path);
        IReadOnlyList<BinaryMask> marked = truths.Read(place, picture.Width, picture.Height, reader);
        long start = Stopwatch.GetTimestamp();
        EdgeMap map = find(truths.NameOf(place), picture, cancellation);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var counts = BoundaryCounts.Of(map, marked, cancellation);
        int best = BoundaryScores.BestOf(counts);
        double f = BoundaryCounts.F(counts.Precision(best), counts.Recall(best));
        var only = new EvaluationCase(path, "best F; lines are three pixels wide", f)
        {
            Truth = Rle.Encode(Widen(marked)), Found = Rle.Encode(Widen([map.AtLeast(BoundaryCounts.ThresholdOf(best))])),
        };
        return new PictureRecord(place, new Dictionary<string, double[]>
        {
            [Annotators] = [marked.Count], [PictureRecord.Seconds] = [seconds], [Recalled] = Numbers(counts.Recalled),
            [Marked] = Numbers(counts.Marked), [Right] = Numbers(counts.Right), [Found] = Numbers(counts.Found),
        })
        {
            Best = only, Worst = only,
        };

        static double[] Numbers(long[] counts) => [.. counts.Select(count => (double)count)];
    }

    private static BoundaryCounts CountsOf(PictureRecord record)
    {
        var counts = new BoundaryCounts();
        foreach ((string name, long[] target) in (ReadOnlySpan<(string, long[])>)
        [
            (Recalled, counts.Recalled), (Marked, counts.Marked), (Right, counts.Right), (Found, counts.Found),
        ])
        {
            double[] values = record.Read(name, target.Length);
            for (int t = 0; t < target.Length; t++)
                target[t] = (long)values[t];
        }

        return counts;
    }

    private static MeasureTable[] ToTables(IReadOnlyList<BoundaryCounts> pictures, double seconds)
    {
        var scores = BoundaryScores.Of(pictures);
        var all = new BoundaryCounts();
        foreach (BoundaryCounts picture in pictures)
            all.Add(picture);
        int[] tenths = [.. Enumerable.Range(1, 9).Select(tenth => 10 * tenth - 1)];
        return
        [
            new MeasureTable(
                "edges", ["ODS", "OIS", "AP", "R50", "threshold of ODS", "seconds a picture"],
                [new("all pictures", [scores.Ods, scores.Ois, scores.Ap, scores.R50, scores.OdsThreshold, seconds])]),
            new MeasureTable(
                "by threshold", [.. tenths.Select(t => BoundaryCounts.ThresholdOf(t).ToString("0.0", CultureInfo.InvariantCulture))],
                [
                    new("precision", [.. tenths.Select(t => (double?)all.Precision(t))]),
                    new("recall", [.. tenths.Select(t => (double?)all.Recall(t))]),
                    new("F", [.. tenths.Select(t => (double?)BoundaryCounts.F(all.Precision(t), all.Recall(t)))]),
                ]),
        ];
    }

    /// <summary>All lines in one mask, widened to three pixels for display.</summary>
    private static BinaryMask Widen(IReadOnlyList<BinaryMask> maps)
    {
        var wide = new BinaryMask(maps[0].Width, maps[0].Height);
        foreach (BinaryMask map in maps)
        {
            for (int y = 0; y < map.Height; y++)
            {
                for (int x = map.NextSet(y, 0); x < map.Width; x = map.NextSet(y, x + 1))
                {
                    for (int row = Math.Max(0, y - 1); row <= Math.Min(map.Height - 1, y + 1); row++)
                        wide.SetSpan(row, Math.Max(0, x - 1), Math.Min(map.Width, x + 2));
                }
            }
        }

        return wide;
    }
}
