using System.Diagnostics;
using System.Globalization;

namespace PocketSam.Training.Evaluation;

/// <summary>
/// How well <see cref="SimilarObjects"/> finds the other objects of a picture from one of them: each of some objects in turn is the example,
/// all others of the picture are right.
/// </summary>
/// <remarks>
/// A mask is right where its IoU with an object that no more alike mask has found is 0.5 or more. Masks and objects of all examples are
/// counted together, at the one threshold that gives the best F1, as a slider that is set once; beside it the mean of the best F1 of each example
/// alone, as a slider that is set anew each time. Only data sets whose objects are of one kind in each picture say something.
/// </remarks>
public static class SimilarMeasure
{
    /// <summary>Examples of a picture, spread over its objects in the order of the file.</summary>
    private const int MostExamples = 8;

    private const double RightIou = 0.5;

    /// <summary>Measures a model.</summary>
    /// <param name="sam">The model.</param>
    /// <param name="reader">Decodes the pictures.</param>
    /// <param name="data">Pictures and their masks; pictures with one mask are passed over.</param>
    /// <param name="options">Which pictures and masks, which grid.</param>
    /// <param name="progress">Told after each picture.</param>
    /// <param name="cancellation">Looked at before each picture and each batch of points.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="IOException">A picture is missing, of another size or cannot be read, or none has two masks.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
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

    /// <summary>Masks by similarity, and whether each is right.</summary>
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
