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

    private const string Input = "input", BySize = "by the example's size";

    /// <summary>
    /// Names of the values: F1 and count error of each example, similarity and correctness of each ranked mask, and the
    /// number of objects to find and the input sizes of the picture.
    /// </summary>
    private const string F1 = "f1", CountError = "count error", Similarity = "similarity", IsRight = "right", Wanted = "wanted", Sizes = "input sizes";

    /// <summary>Creates the measure of a model.</summary>
    /// <param name="sam">The model.</param>
    /// <param name="reader">Decodes the pictures.</param>
    /// <param name="data">Pictures and their masks; pictures with one mask are skipped.</param>
    /// <param name="options">The pictures and masks to measure, and the grid.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static PictureMeasure<MeasureReport> Of(Sam sam, PictureReader reader, CocoDataset data, MeasureOptions options)
    {
        ArgumentNullException.ThrowIfNull(sam);
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        MaskGeneratorOptions grid = MaskGeneratorOptions.For(sam.Config);
        grid = grid with { PointsPerSide = options.PointsPerSide ?? grid.PointsPerSide };
        var generator = new MaskGenerator(sam, grid);
        Dictionary<string, string> facts = MeasureFacts.Of("similar", sam.Name, data.Path);
        facts[Input] = options.ImageSize is { } size ? MeasureFacts.Text(size) : BySize;
        facts[MeasureFacts.PointsPerSide] = MeasureFacts.Text(grid.PointsPerSide);
        return EvaluationLoop.Of(reader, options).Over(
            data, facts,
            (image, picture, truths, cases, cancellation) => truths.Length < 2 ? []
                : Measure(sam, grid, generator, image, picture, [.. truths.Select(Rle.Encode)], options.ImageSize, cases, cancellation),
            Report);
    }

    /// <summary>Makes the report from the records of all pictures.</summary>
    /// <param name="facts">The settings of the measure (<see cref="PictureMeasure{TReport}.Facts"/>).</param>
    /// <param name="records">The records of the pictures, in the order of the data set.</param>
    /// <exception cref="DataFormatException">No picture has two masks, or a value is missing.</exception>
    public static MeasureReport Report(IReadOnlyDictionary<string, string> facts, IReadOnlyList<PictureRecord> records)
    {
        ArgumentNullException.ThrowIfNull(facts);
        ArgumentNullException.ThrowIfNull(records);
        var all = new Tally();
        var sizes = new SortedSet<int>();
        double ownF1 = 0, countError = 0;
        int examples = 0, several = 0;
        foreach (PictureRecord record in records)
        {
            if (!record.Values.TryGetValue(F1, out double[]? f1s))
                continue;
            several++;
            all.Add(record);
            sizes.UnionWith((record.Values.GetValueOrDefault(Sizes) ?? []).Select(size => (int)size));
            foreach ((double f1, double error) in f1s.Zip(record.Read(CountError, f1s.Length)))
            {
                ownF1 += f1;
                countError += error;
                examples++;
            }
        }

        if (examples == 0)
            throw new DataFormatException(facts.Fact(MeasureFacts.Data), "no picture has two masks, one to be the example and one to be found");
        var cases = CaseCollector.Of(records);
        Outcome best = all.Best(), byDefault = all.At(SimilarObjects.DefaultThreshold);
        return new MeasureReport(
            facts.Fact(MeasureFacts.Measure), facts.Fact(MeasureFacts.Model), facts.Fact(MeasureFacts.Data),
            new Dictionary<string, string>
            {
                ["examples"] = $"{examples}, each of one object, at most {MostExamples} of a picture",
                ["right"] = "IoU of 0.5 or more with an object that no more alike mask has found",
                [Input] = string.Join(", ", sizes) + (facts.Fact(Input) == BySize ? ", " + BySize : ""),
                [MeasureFacts.PointsPerSide] = facts.Fact(MeasureFacts.PointsPerSide),
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
            Images = several, Best = cases.Best, Worst = cases.Worst,
        };
    }

    /// <summary>Measures a picture, with several of its objects as the example in turn.</summary>
    private static Dictionary<string, double[]> Measure(
        Sam sam, MaskGeneratorOptions grid, MaskGenerator generator, CocoImage image, RgbImage picture, Rle[] objects, int? imageSize,
        PictureCases cases, CancellationToken cancellation)
    {
        var all = new Tally();
        List<double> f1s = [], countErrors = [];
        var found = new SortedDictionary<int, (ImageEmbedding Embedding, IReadOnlyList<GeneratedMask> Masks)>();
        for (int i = 0; i < objects.Length; i += Math.Max(1, (objects.Length + MostExamples - 1) / MostExamples))
        {
            var similar = new SimilarObjects(
                sam, [new SimilarExample(picture, objects[i])], imageSize, grid, cancellation);
            if (!found.TryGetValue(similar.ImageSize, out (ImageEmbedding Embedding, IReadOnlyList<GeneratedMask> Masks) seen))
            {
                ImageEmbedding embedding = sam.Encode(picture, similar.ImageSize, cancellation);
                seen = (embedding, generator.Generate(picture, embedding, null, cancellation));
                found.Add(similar.ImageSize, seen);
            }

            IReadOnlyList<SimilarMask> ranked = similar.Rank(
                picture, seen.Embedding, seen.Masks, 0, [objects[i]], cancellation);
            var ofExample = new Tally();
            ofExample.Add(ranked, [.. objects.Where((_, k) => k != i)]);
            all.Add(ofExample);
            double f1 = ofExample.Best().F1;
            f1s.Add(f1);
            countErrors.Add(Math.Abs(
                ranked.Count(mask => mask.Similarity >= SimilarObjects.DefaultThreshold) - (objects.Length - 1.0)) / (objects.Length - 1));
            Rle example = objects[i];
            cases.Add(f1, () => new EvaluationCase(image.Path, "others like one", f1)
            {
                Truth = objects.Where(mask => mask != example).Aggregate(Rle.Union),
                Found = ranked.Where(mask => mask.Similarity >= SimilarObjects.DefaultThreshold)
                    .Select(mask => mask.Mask.Segmentation).Aggregate((Rle?)null, (a, b) => a is null ? b : Rle.Union(a, b)),
            });
        }

        foreach ((ImageEmbedding embedding, _) in found.Values)
            embedding.Dispose();
        Dictionary<string, double[]> values = all.ToValues();
        (values[F1], values[CountError]) = ([.. f1s], [.. countErrors]);
        values[Sizes] = [.. found.Keys.Select(size => (double)size)];
        return values;
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

        public void Add(PictureRecord record)
        {
            double[] similarities = record.Values.GetValueOrDefault(Similarity) ?? [];
            _masks.AddRange(similarities.Zip(record.Read(IsRight, similarities.Length)).Select(mask => ((float)mask.First, mask.Second > 0)));
            _wanted += (int)record.Number(Wanted);
        }

        public Dictionary<string, double[]> ToValues() => new()
        {
            [Similarity] = [.. _masks.Select(mask => (double)mask.Similarity)],
            [IsRight] = [.. _masks.Select(mask => mask.IsRight ? 1.0 : 0)],
            [Wanted] = [_wanted],
        };

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
