using System.Diagnostics;
using System.Globalization;

namespace PocketSam.Training.Evaluation;

/// <summary>
/// Measures how well <see cref="SimilarObjects"/> finds the other objects of a picture from one example. Several
/// objects of each picture are the example in turn; all other objects of the picture are the ground truth.
/// </summary>
/// <remarks>
/// A mask is right if its IoU is at least 0.5 with an object that no mask of higher similarity has matched. Precision
/// and recall are over the masks and objects of all examples, at the common threshold with the best F1, like a slider
/// that is set once. The mean of the best F1 of each example stands for a slider that is set for each search. The
/// measure is meaningful only for data sets whose pictures have objects of one kind each.
/// </remarks>
public static class SimilarMeasure
{
    /// <summary>The most examples of a picture, spread over its objects in the order of the file.</summary>
    private const int MostExamples = 8;

    private const double RightIou = 0.5;

    /// <summary>Measures a model.</summary>
    /// <param name="sam">The model.</param>
    /// <param name="reader">Decodes the pictures.</param>
    /// <param name="data">Pictures and their masks; pictures with one mask are skipped.</param>
    /// <param name="options">The pictures and masks to measure, and the grid.</param>
    /// <param name="progress">Reports each picture.</param>
    /// <param name="cancellation">Checked before each picture and each batch of points.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="IOException">A picture is missing, has another size or cannot be read, or no picture has two
    /// masks.</exception>
    /// <exception cref="OperationCanceledException">The run is cancelled.</exception>
    public static MeasureReport Run(
        Sam sam, PictureReader reader, CocoDataset data, MeasureOptions options,
        IProgress<EvaluationProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(sam);
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        long start = Stopwatch.GetTimestamp();
        MaskGeneratorOptions asking = MaskGeneratorOptions.For(sam.Config);
        asking = asking with { PointsPerSide = options.PointsPerSide ?? asking.PointsPerSide };
        var generator = new MaskGenerator(sam, asking);
        var cases = new CaseCollector();
        var all = new Tally();
        var sizes = new SortedSet<int>();
        double ownF1 = 0, countError = 0;
        int examples = 0, several = 0;
        var loop = EvaluationLoop.Of(reader, options);
        loop.Run(
            data,
            (image, picture, truths) =>
            {
                if (truths.Length < 2)
                    return;
                several++;
                Rle[] objects = [.. truths.Select(Rle.Encode)];
                var found = new Dictionary<int, (ImageEmbedding Embedding, IReadOnlyList<GeneratedMask> Masks)>();
                for (int i = 0; i < objects.Length; i += Math.Max(1, (objects.Length + MostExamples - 1) / MostExamples))
                {
                    var similar = new SimilarObjects(
                        sam, [new SimilarExample(picture, objects[i])], options.ImageSize, asking, cancellation);
                    if (!found.TryGetValue(similar.ImageSize, out (ImageEmbedding Embedding, IReadOnlyList<GeneratedMask> Masks) seen))
                    {
                        ImageEmbedding embedding = sam.Encode(picture, similar.ImageSize, cancellation);
                        seen = (embedding, generator.Generate(picture, embedding, null, cancellation));
                        found.Add(similar.ImageSize, seen);
                        sizes.Add(similar.ImageSize);
                    }

                    IReadOnlyList<SimilarMask> ranked = similar.Rank(
                        picture, seen.Embedding, seen.Masks, 0, [objects[i]], cancellation);
                    var own = new Tally();
                    own.Add(ranked, [.. objects.Where((_, k) => k != i)]);
                    all.Add(own);
                    double f1 = own.Best().F1;
                    ownF1 += f1;
                    countError += Math.Abs(
                        ranked.Count(mask => mask.Similarity >= SimilarObjects.DefaultThreshold) - (objects.Length - 1.0)) / (objects.Length - 1);
                    examples++;
                    Rle example = objects[i];
                    cases.Add(image.Path, f1, () => new EvaluationCase(image.Path, "others like one", f1)
                    {
                        Truth = objects.Where(mask => mask != example).Aggregate(Rle.Union),
                        Found = ranked.Where(mask => mask.Similarity >= SimilarObjects.DefaultThreshold)
                            .Select(mask => mask.Mask.Segmentation).Aggregate((Rle?)null, (a, b) => a is null ? b : Rle.Union(a, b)),
                    });
                }

                foreach ((ImageEmbedding embedding, _) in found.Values)
                    embedding.Dispose();
            },
            progress, cancellation);
        if (examples == 0)
            throw new DataFormatException(data.Path, "no picture has two masks, one to be the example and one to be found");
        Outcome best = all.Best(), byDefault = all.At(SimilarObjects.DefaultThreshold);
        return new MeasureReport(
            "similar", sam.Name, data.Path,
            new Dictionary<string, string>
            {
                ["examples"] = $"{examples}, each of one object, at most {MostExamples} of a picture",
                ["right"] = "IoU of 0.5 or more with an object that no more alike mask has found",
                ["input"] = string.Join(", ", sizes) + (options.ImageSize is null ? ", by the example's size" : ""),
                ["points a side"] = asking.PointsPerSide.ToString(CultureInfo.InvariantCulture),
            },
            [
                new MeasureTable(
                    "others like one object", ["precision", "recall", "F1", "threshold"],
                    [
                        new("best threshold of all", [best.Precision, best.Recall, best.F1, best.Threshold]),
                        new("default threshold", [byDefault.Precision, byDefault.Recall, byDefault.F1, byDefault.Threshold]),
                    ]),
                new MeasureTable(
                    "example by example", ["mean best F1", "mean error of the count"],
                    [new("one example", [ownF1 / examples, countError / examples])]),
            ])
        {
            Images = several, Seconds = Stopwatch.GetElapsedTime(start).TotalSeconds, Best = cases.Best, Worst = cases.Worst,
        };
    }

    private readonly record struct Outcome(double Precision, double Recall, double F1, double Threshold);

    /// <summary>Counts found masks by similarity, and which of them are right.</summary>
    private sealed class Tally
    {
        private readonly List<(float Similarity, bool IsRight)> _masks = [];
        private int _wanted;

        public void Add(IReadOnlyList<SimilarMask> ranked, IReadOnlyList<Rle> objects)
        {
            bool[] found = new bool[objects.Count];
            foreach (SimilarMask mask in ranked)
            {
                int hit = -1;
                double most = RightIou;
                for (int i = 0; i < found.Length; i++)
                {
                    if (!found[i] && Rle.Iou(mask.Mask.Segmentation, objects[i]) is var iou && iou >= most)
                        (hit, most) = (i, iou);
                }

                if (hit >= 0)
                    found[hit] = true;
                _masks.Add((mask.Similarity, hit >= 0));
            }

            _wanted += objects.Count;
        }

        public void Add(Tally other)
        {
            _masks.AddRange(other._masks);
            _wanted += other._wanted;
        }

        public Outcome At(float threshold)
        {
            int kept = _masks.Count(mask => mask.Similarity >= threshold);
            return Of(_masks.Count(mask => mask.IsRight && mask.Similarity >= threshold), kept, threshold);
        }

        public Outcome Best()
        {
            Outcome best = default;
            int right = 0, kept = 0;
            foreach (IGrouping<float, (float, bool IsRight)> equal in _masks.OrderByDescending(mask => mask.Similarity).GroupBy(mask => mask.Similarity))
            {
                kept += equal.Count();
                right += equal.Count(mask => mask.IsRight);
                Outcome here = Of(right, kept, equal.Key);
                if (here.F1 > best.F1)
                    best = here;
            }

            return best;
        }

        private Outcome Of(int right, int kept, float threshold) => new(
            kept == 0 ? 0 : (double)right / kept, (double)right / _wanted, 2.0 * right / (kept + _wanted), threshold);
    }
}
