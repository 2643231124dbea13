using PocketSam.Kernels;

namespace PocketSam.Training.Evaluation.Detections;

/// <summary>
/// Average precision and recall of detections, with the same numbers as pycocotools' <c>COCOeval</c> and lvis'
/// <c>LVISEval</c>.
/// </summary>
/// <remarks>
/// The detections of a picture and category, highest score first, are matched with the free object of the largest IoU
/// above a threshold. Equal scores keep the order of the file, and pictures the order of their ids. Crowds match any
/// number of detections. These detections are ignored, as are unmatched detections outside of the size range. The IoU
/// of masks is computed on run lengths.
/// </remarks>
public static class DetectionEvaluator
{
    /// <summary>LVIS: the limit of detections of a picture.</summary>
    internal const int LvisLimit = 300;

    /// <summary>The number of pairs of picture and category between checks of the cancellation.</summary>
    private const int GroupsAtOnce = 256;

    private const byte Matched = 1;
    private const byte Ignored = 2;

    /// <summary>
    /// Compares detections with ground-truth objects. The result does not depend on the number of threads.
    /// </summary>
    /// <param name="detections">The detections and the ground truth.</param>
    /// <param name="options">The rules; null for COCO's.</param>
    /// <param name="progress">Reports the fraction of pairs of picture and category that are compared, 0 to 1.</param>
    /// <param name="cancellation">Checked between batches of pairs.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="DataFormatException">The mask of an object is missing or cannot be read.</exception>
    /// <exception cref="OperationCanceledException">The run is cancelled.</exception>
    public static DetectionReport Run(
        Detections detections, DetectionOptions? options = null, IProgress<double>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(detections);
        options ??= new DetectionOptions();
        options.Validate();
        DetectionTruths truths = detections.Truths;
        int[] limits = options.UsesLvisRules ? [LvisLimit] : [.. options.MaxDetections];
        List<(int Image, int Category, DetectionMatcher Matcher)> groups
            = Group(detections, options, limits[^1], cancellation);
        var outcomes = new Outcome[groups.Count];
        ForAll(groups.Count, i => outcomes[i] = Compare(groups[i].Matcher), progress, cancellation);

        int categories = options.UsesCategories ? truths.Categories.Count : 1;
        var curves = new DetectionCurves(categories, limits.Length);
        var byCategory = new List<Outcome>[categories];
        for (int k = 0; k < categories; k++)
            byCategory[k] = [];
        for (int i = 0; i < groups.Count; i++)
            byCategory[groups[i].Category].Add(outcomes[i]);
        ForAll(categories, k => Accumulate(byCategory[k], k, limits, curves), null, cancellation);
        return Summarize(detections, options, limits, curves);
    }

    /// <summary>Groups detections and objects by picture and category, pictures in the order of their ids.</summary>
    internal static List<(int Image, int Category, DetectionMatcher Matcher)> Group(
        Detections detections, DetectionOptions options, int limit, CancellationToken cancellation)
    {
        DetectionTruths truths = detections.Truths;
        List<(int Image, int Category, Detection[] Found, DetectionTruth[] Truths)> groups = [];
        List<Detection>[] byImage = [.. truths.Images.Select(_ => new List<Detection>())];
        foreach (Detection detection in detections.Items)
            byImage[detection.Image].Add(detection);
        for (int image = 0; image < byImage.Length; image++)
        {
            cancellation.ThrowIfCancellationRequested();
            IEnumerable<Detection> found = byImage[image];
            IEnumerable<DetectionTruth> objects = truths.Of(image).Where(truth => truth.Category >= 0);
            if (options.UsesLvisRules)
            {
                // Skips objects without area, and categories that the picture was not searched for.
                objects = [.. objects.Where(truth => truth.Area > 0)];
                HashSet<int> searched = [.. objects.Select(truth => truth.Category)];
                HashSet<long> absent = truths.Listed[image].Negative;
                found = found.OrderByDescending(detection => detection.Score).Take(LvisLimit)
                    .Where(detection => detection.Category >= 0 && detection.Area > 0
                        && (searched.Contains(detection.Category) || absent.Contains(truths.Categories[detection.Category].Id)));
            }

            // Without categories, the order is still by category first, as in pycocotools.
            ILookup<int, Detection> foundOf = found.Where(d => d.Category >= 0).OrderBy(d => d.Category)
                .ToLookup(d => options.UsesCategories ? d.Category : 0);
            ILookup<int, DetectionTruth> objectsOf = objects.OrderBy(truth => truth.Category)
                .ToLookup(truth => options.UsesCategories ? truth.Category : 0);
            foreach (int category in foundOf.Select(g => g.Key).Union(objectsOf.Select(g => g.Key)).Order())
            {
                groups.Add((
                    image, category, [.. foundOf[category].OrderByDescending(d => d.Score).Take(limit)], [.. objectsOf[category]]));
            }
        }

        var matchers = new DetectionMatcher[groups.Count];
        ForAll(
            groups.Count,
            i => matchers[i] = new DetectionMatcher(
                groups[i].Found, groups[i].Truths, truths.Images[groups[i].Image], options,
                options.UsesLvisRules
                    && truths.Listed[groups[i].Image].NotExhaustive.Contains(truths.Categories[groups[i].Category].Id)),
            null, cancellation);
        return [.. groups.Select((group, i) => (group.Image, group.Category, matchers[i]))];
    }

    private static void ForAll(int count, Action<int> body, IProgress<double>? progress, CancellationToken cancellation)
    {
        for (int start = 0; start < count; start += GroupsAtOnce)
        {
            cancellation.ThrowIfCancellationRequested();
            int first = start;
            Workers.For(Math.Min(GroupsAtOnce, count - start), i => body(first + i));
            progress?.Report((double)Math.Min(count, start + GroupsAtOnce) / count);
        }
    }

    private static Outcome Compare(DetectionMatcher matcher)
    {
        int count = matcher.Detections.Length;
        var outcome = new Outcome(
            [.. matcher.Detections.Select(detection => detection.Score)], new byte[DetectionCurves.Areas][],
            new int[DetectionCurves.Areas]);
        var matches = new DetectionTruth?[count];
        var ignored = new bool[count];
        for (int area = 0; area < DetectionCurves.Areas; area++)
        {
            (int[] order, outcome.Counted[area]) = matcher.Order(area);
            byte[] flags = outcome.Flags[area] = new byte[DetectionCurves.Ious * count];
            for (int iou = 0; iou < DetectionCurves.Ious; iou++)
            {
                matcher.Match(area, order, outcome.Counted[area], DetectionMatcher.IouThresholds[iou], matches, ignored);
                for (int d = 0; d < count; d++)
                {
                    flags[iou * count + d]
                        = (byte)((matches[d] is null or { Id: 0 } ? 0 : Matched) | (ignored[d] ? Ignored : 0));
                }
            }
        }

        return outcome;
    }

    private static void Accumulate(List<Outcome> outcomes, int category, int[] limits, DetectionCurves curves)
    {
        for (int limit = 0; limit < limits.Length; limit++)
        {
            // Detections of all pictures, highest score first; equal scores in the order of pictures and detections.
            List<(int Outcome, int Place)> all = [];
            for (int i = 0; i < outcomes.Count; i++)
            {
                for (int d = 0; d < Math.Min(limits[limit], outcomes[i].Scores.Length); d++)
                    all.Add((i, d));
            }

            (int Outcome, int Place)[] sorted = [.. all.OrderByDescending(one => outcomes[one.Outcome].Scores[one.Place])];
            double[] precision = new double[sorted.Length], recall = new double[sorted.Length];
            for (int area = 0; area < DetectionCurves.Areas; area++)
            {
                int counted = outcomes.Sum(outcome => outcome.Counted[area]);
                if (counted == 0)
                    continue;
                for (int iou = 0; iou < DetectionCurves.Ious; iou++)
                {
                    long right = 0, wrong = 0;
                    for (int i = 0; i < sorted.Length; i++)
                    {
                        (int o, int d) = sorted[i];
                        byte flags = outcomes[o].Flags[area][iou * outcomes[o].Scores.Length + d];
                        if ((flags & Ignored) == 0)
                            (right, wrong) = (flags & Matched) != 0 ? (right + 1, wrong) : (right, wrong + 1);
                        recall[i] = (double)right / counted;
                        precision[i] = right / (wrong + right + NumpySpacing);
                    }

                    for (int i = precision.Length - 1; i > 0; i--)
                        precision[i - 1] = Math.Max(precision[i - 1], precision[i]);
                    curves.Recall[curves.PlaceOfRecall(iou, category, area, limit)] = sorted.Length > 0 ? recall[^1] : 0;
                    for (int step = 0, at = 0; step < DetectionCurves.RecallSteps; step++)
                    {
                        double wanted = step == DetectionCurves.RecallSteps - 1 ? 1 : step * 0.01;
                        while (at < recall.Length && recall[at] < wanted)
                            at++;
                        int place = curves.PlaceOfPrecision(iou, step, category, area, limit);
                        curves.Precision[place] = at < recall.Length ? precision[at] : 0;
                        curves.Scores[place] = at < recall.Length ? outcomes[sorted[at].Outcome].Scores[sorted[at].Place] : 0;
                    }
                }
            }
        }
    }

    private static DetectionReport Summarize(
        Detections detections, DetectionOptions options, int[] limits, DetectionCurves curves)
    {
        const int ap50 = 0, ap75 = 5, all = 0, small = 1, medium = 2, large = 3;
        int most = limits.Length - 1, hundred = options.UsesLvisRules ? 0 : Array.IndexOf(limits, 100);
        DetectionTruths truths = detections.Truths;
        var precision = new AveragePrecision(
            hundred < 0 ? null : Ap(null, all, hundred), Ap(ap50, all, most), Ap(ap75, all, most),
            Ap(null, small, most), Ap(null, medium, most), Ap(null, large, most));
        if (options.UsesLvisRules)
            precision = precision with { Rare = OfFrequency("r"), Common = OfFrequency("c"), Frequent = OfFrequency("f") };
        var recall = new AverageRecall(
            limits.Select((limit, place) => (limit, place)).ToDictionary(
                pair => pair.limit, pair => curves.MeanRecall(null, all, pair.place)),
            curves.MeanRecall(null, small, most), curves.MeanRecall(null, medium, most), curves.MeanRecall(null, large, most));
        CategoryPrecision[] categories = !options.UsesCategories ? [] :
        [
            .. truths.Categories.Select((category, k) => new CategoryPrecision(
                category.Id, category.Name, curves.MeanPrecision(null, [k], all, most),
                curves.MeanPrecision(ap50, [k], all, most), curves.MeanRecall([k], all, most))),
        ];
        return new DetectionReport(
            truths.Path, detections.Name, options.ComparesBoxes ? "boxes" : "masks",
            options.UsesLvisRules ? "lvis" : options.UsesCategories ? "coco" : "coco without categories",
            truths.Images.Count, truths.Count, detections.Count, precision, recall, categories)
        {
            Curves = curves,
        };

        double? Ap(int? iou, int area, int limit) => curves.MeanPrecision(iou, null, area, limit);

        double? OfFrequency(string frequency) => curves.MeanPrecision(
            null, truths.Categories.Index().Where(c => c.Item.Frequency == frequency).Select(c => c.Index), all, most);
    }

    /// <summary>numpy's <c>spacing(1)</c>, which pycocotools adds to a count to avoid a division by zero.</summary>
    private const double NumpySpacing = 2.220446049250313e-16;

    /// <summary>The matches of the detections of a picture and category.</summary>
    /// <param name="Scores">Scores, highest first.</param>
    /// <param name="Flags"><see cref="Matched"/> and <see cref="Ignored"/> for each size range, <c>[iou,
    /// detection]</c>.</param>
    /// <param name="Counted">Number of objects that are not ignored, for each size range.</param>
    private sealed record Outcome(double[] Scores, byte[][] Flags, int[] Counted);
}
