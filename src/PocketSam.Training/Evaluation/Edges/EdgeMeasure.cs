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
    /// <summary>Points per side of SAM's grid.</summary>
    private const int Grid = 16;

    /// <summary>Measures a model.</summary>
    /// <param name="sam">The model.</param>
    /// <param name="reader">Decodes pictures, and boundary maps stored as pictures.</param>
    /// <param name="truths">The pictures and their annotated boundaries.</param>
    /// <param name="options">The number of pictures and the grid.</param>
    /// <param name="progress">Reports each picture.</param>
    /// <param name="cancellation">Checked within each picture.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="IOException">A picture or an annotation file is missing or damaged.</exception>
    /// <exception cref="OperationCanceledException">The run is cancelled.</exception>
    public static MeasureReport Run(
        Sam sam, PictureReader reader, BoundaryTruths truths, MeasureOptions options,
        IProgress<EvaluationProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(sam);
        ArgumentNullException.ThrowIfNull(options);
        int grid = options.PointsPerSide ?? Grid;
        var detector = new EdgeDetector(sam, grid);
        return Run(
            sam.Name, reader, truths, options,
            new()
            {
                ["points a side"] = grid.ToString(CultureInfo.InvariantCulture),
                ["masks"] = "three a point, no threshold, box NMS 0.7",
                ["edges"] = "Sobel of the probability at the mask's boundary, strongest of all masks, Canny's suppression",
            },
            (_, picture) => detector.Find(picture, options.ImageSize, cancellation), progress, cancellation);
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
        return Run(
            null, reader, truths, new MeasureOptions(), new() { ["edges"] = folder },
            (name, picture) =>
            {
                string path = Path.Combine(folder, name + ".png");
                if (!File.Exists(path))
                    throw new DataFormatException(path, "there is no such map of edges");
                RgbImage map = reader(path);
                if (map.Width != picture.Width || map.Height != picture.Height)
                    throw new DataFormatException(path, $"a map of {map.Width}x{map.Height} for a picture of {picture.Width}x{picture.Height}");
                return new EdgeMap(
                    map.Width, map.Height, [.. Enumerable.Range(0, map.Width * map.Height).Select(i => map.Pixels[3 * i] / 255f)]);
            },
            progress, cancellation);
    }

    private static MeasureReport Run(
        string? model, PictureReader reader, BoundaryTruths truths, MeasureOptions options, Dictionary<string, string> protocol,
        Func<string, RgbImage, EdgeMap> find, IProgress<EvaluationProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(truths);
        options.Validate();
        long start = Stopwatch.GetTimestamp();
        List<BoundaryCounts> pictures = [];
        var cases = new CaseCollector();
        int all = Math.Min(truths.Count, options.MaxImages ?? int.MaxValue), annotators = 0;
        double seconds = 0;
        for (int i = 0; i < all; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            (string name, string path) = truths.PictureOf(i);
            RgbImage picture = reader(path);
            IReadOnlyList<BinaryMask> marked = truths.Read(i, picture.Width, picture.Height, reader);
            annotators += marked.Count;
            long begun = Stopwatch.GetTimestamp();
            EdgeMap map = find(name, picture);
            seconds += Stopwatch.GetElapsedTime(begun).TotalSeconds;
            var counts = BoundaryCounts.Of(map, marked, cancellation);
            pictures.Add(counts);
            int best = BoundaryScores.BestOf(counts);
            double f = BoundaryCounts.F(counts.Precision(best), counts.Recall(best));
            cases.Add(path, f, () => new EvaluationCase(path, "best F; lines are three pixels wide", f)
            {
                Truth = Rle.Encode(Widen(marked)), Found = Rle.Encode(Widen([map.AtLeast(BoundaryCounts.ThresholdOf(best))])),
            });
            progress?.Report(new EvaluationProgress(i + 1, all, i + 1));
        }

        protocol["annotators"] = annotators.ToString(CultureInfo.InvariantCulture);
        protocol["pairs"] = "as many as can be, at most 0.0075 of the diagonal apart";
        return new MeasureReport("edges", model, truths.Path, protocol, ToTables(pictures, seconds / pictures.Count))
        {
            Images = pictures.Count, Seconds = Stopwatch.GetElapsedTime(start).TotalSeconds, Best = cases.Best, Worst = cases.Worst,
        };
    }

    private static MeasureTable[] ToTables(List<BoundaryCounts> pictures, double seconds)
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
