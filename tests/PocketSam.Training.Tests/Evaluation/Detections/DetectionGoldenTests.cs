using System.Text.Json;
using System.Text.Json.Nodes;
using PocketSam.Training.Evaluation.Detections;
using PocketSam.Training.Tests.Data;
using Found = PocketSam.Training.Evaluation.Detections.Detections;

namespace PocketSam.Training.Tests.Evaluation.Detections;

/// <summary>Equal to pycocotools' and lvis' own numbers (<c>shared/golden/cocoeval</c>).</summary>
public sealed class DetectionGoldenTests
{
    /// <summary>Sums over arrays depend on the order of adding.</summary>
    private const double Tolerance = 1e-9;

    [Theory]
    [InlineData("segm_cats", "results", false, true)]
    [InlineData("segm_nocats", "results", false, false)]
    [InlineData("bbox_cats", "results", true, true)]
    [InlineData("bbox_nocats", "results", true, false)]
    [InlineData("boxes_cats", "results_bbox", true, true)]
    [InlineData("segm_nocats_10_100_1000", "results", false, false)]
    [InlineData("segm_cats_1_10_50", "results", false, true)]
    public void Numbers_are_those_of_pycocotools(string expected, string results, bool boxes, bool categories)
    {
        JsonObject golden = Json(expected + ".json").AsObject();
        Found found = Found.Load(Golden(results + ".json"), DetectionTruths.Load(Golden("instances.json")));

        DetectionReport report = DetectionEvaluator.Run(found, new DetectionOptions
        {
            ComparesBoxes = boxes, UsesCategories = categories, MaxDetections = [.. Numbers(golden["maxDets"]).Select(n => (int)n)],
        });

        AssertReport(golden, report);
    }

    [Fact]
    public void Matches_are_those_of_pycocotools()
    {
        DetectionTruths truths = DetectionTruths.Load(Golden("instances.json"));
        AssertMatches(
            Json("segm_cats_matches.json").AsArray(), Found.Load(Golden("results.json"), truths), new DetectionOptions());
    }

    [Fact]
    public void Edge_cases_are_as_in_pycocotools()
    {
        foreach (JsonNode? one in Json("edge_cases.json").AsArray())
        {
            using var folder = new TemporaryFolder();
            string instances = folder.Write("instances.json", one!["instances"]!.ToJsonString());
            string results = folder.Write("results.json", one["results"]!.ToJsonString());
            JsonObject golden = one["expected"]!.AsObject();
            Found found = Found.Load(results, DetectionTruths.Load(instances));
            var options = new DetectionOptions
            {
                ComparesBoxes = golden["iouType"]!.GetValue<string>() == "bbox",
                UsesCategories = golden["useCats"]!.GetValue<int>() == 1,
                MaxDetections = [.. Numbers(golden["maxDets"]).Select(n => (int)n)],
            };

            AssertReport(golden, DetectionEvaluator.Run(found, options));
            AssertMatches(one["matches"]!.AsArray(), found, options);
        }
    }

    [Theory]
    [InlineData("segm")]
    [InlineData("bbox")]
    public void Lvis_is_counted_by_its_own_rules(string kind)
    {
        JsonObject golden = Json("lvis_expected.json")[kind]!.AsObject();
        DetectionTruths truths = DetectionTruths.Load(Golden("lvis_instances.json"));
        Assert.True(truths.IsLvis);
        Found found = Found.Load(Golden("lvis_results.json"), truths);
        var options = new DetectionOptions { ComparesBoxes = kind == "bbox", UsesLvisRules = true };

        DetectionReport report = DetectionEvaluator.Run(found, options);

        JsonObject results = golden["results"]!.AsObject();
        AssertClose(
            [
                .. new[] { "AP", "AP50", "AP75", "APs", "APm", "APl", "APr", "APc", "APf", "AR@300", "ARs@300", "ARm@300", "ARl@300" }
                    .Select(name => results[name]!.GetValue<double>()),
            ],
            [
                report.Precision.All, report.Precision.At50, report.Precision.At75, report.Precision.Small, report.Precision.Medium,
                report.Precision.Large, report.Precision.Rare, report.Precision.Common, report.Precision.Frequent,
                report.Recall.At[300], report.Recall.Small, report.Recall.Medium, report.Recall.Large,
            ]);
        AssertClose(Numbers(golden["per_category_AP"]), [.. report.Categories.Select(category => category.Ap)]);
        AssertClose(Numbers(golden["recall"]!["values"]), [.. report.Curves!.Recall.Select(value => (double?)value)]);
        AssertArray(golden["precision"]!, report.Curves.Precision);
        Assert.Equal(
            golden["detections used"]!.GetValue<int>(), found.Items.GroupBy(item => item.Image).Sum(image => Math.Min(300, image.Count())));
    }

    [Fact]
    public void Masks_of_polygons_are_those_of_pycocotools()
    {
        foreach (JsonNode? one in Json("polygons.json")["polygons"]!.AsArray())
        {
            using var folder = new TemporaryFolder();
            DetectionTruths truths = DetectionTruths.Load(folder.Write("instances.json", new JsonObject
            {
                ["images"] = new JsonArray(new JsonObject
                {
                    ["id"] = 1, ["height"] = one!["size"]![0]!.DeepClone(), ["width"] = one["size"]![1]!.DeepClone(),
                }),
                ["annotations"] = new JsonArray(new JsonObject
                {
                    ["id"] = 1, ["image_id"] = 1, ["segmentation"] = one["polygons"]!.DeepClone(),
                }),
            }.ToJsonString()));
            DetectionTruth truth = Assert.Single(truths.Of(0));

            Assert.Equal(one["merged"]!.GetValue<string>(), truth.Mask.ToCompressed());
            Assert.Equal(one["area"]!.GetValue<int>(), truth.Area);
            Assert.Equal(DetectionBox.From([.. Numbers(one["bbox"])]), truth.Box);
        }
    }

    [Fact]
    public void Runs_are_read_and_measured_as_by_pycocotools()
    {
        foreach (JsonNode? one in Json("rle.json").AsArray())
        {
            int height = one!["size"]![0]!.GetValue<int>(), width = one["size"]![1]!.GetValue<int>();
            int[] counts = [.. Numbers(one["counts"]).Select(n => (int)n)];
            string text = one["string"]!.GetValue<string>();
            Rle mask = Rle.FromCompressed(text, height, width);

            Assert.Equal(counts, mask.Counts.ToArray());
            Assert.Equal(text, Rle.FromCounts(counts, height, width).ToCompressed());
            Assert.Equal(one["area"]!.GetValue<int>(), mask.Area);
            Assert.Equal(DetectionBox.From([.. Numbers(one["bbox"])]), DetectionBox.From(mask.Bounds));
        }
    }

    [Fact]
    public void Overlaps_are_those_of_pycocotools()
    {
        JsonNode golden = Json("rle_iou.json");
        Rle[] masks = [.. golden["masks"]!.AsArray().Select(mask => mask.Deserialize<Rle>()!)];
        foreach (JsonNode? iou in golden["iou"]!.AsArray())
        {
            bool[] crowd = [.. Numbers(iou!["iscrowd"]).Select(n => n != 0)];
            JsonArray matrix = iou["matrix (row: detection, column: ground truth)"]!.AsArray();
            for (int d = 0; d < masks.Length; d++)
                AssertClose(Numbers(matrix[d]), [.. masks.Select((mask, g) => (double?)Rle.Iou(masks[d], mask, crowd[g]))]);
        }

        foreach (JsonNode? merge in golden["merge"]!.AsArray())
        {
            Rle[] parts = [.. Numbers(merge!["masks"]).Select(i => masks[(int)i])];
            Rle merged = parts.Skip(1).Aggregate(
                parts[0], merge["intersect"]!.GetValue<int>() == 1 ? Rle.Intersect : Rle.Union);
            Assert.Equal(merge["area"]!.GetValue<int>(), merged.Area);
            Assert.Equal(0, merged.Area - Rle.Intersect(merged, merge["result"].Deserialize<Rle>()!).Area);
        }

        JsonNode boxes = golden["boxes"]!;
        DetectionBox[] all = [.. boxes["boxes"]!.AsArray().Select(box => DetectionBox.From([.. Numbers(box)])!.Value)];
        foreach (JsonNode? iou in boxes["iou"]!.AsArray())
        {
            bool[] crowd = [.. Numbers(iou!["iscrowd"]).Select(n => n != 0)];
            for (int d = 0; d < all.Length; d++)
            {
                AssertClose(
                    Numbers(iou["matrix"]![d]), [.. all.Select((box, g) => (double?)DetectionBox.Iou(all[d], box, crowd[g]))]);
            }
        }
    }

    [Fact]
    public void Boxes_become_the_masks_of_pycocotools()
    {
        JsonNode golden = Json("polygons.json")["boxes"]!;
        var image = new CocoImage(1, "", golden["size"]![1]!.GetValue<int>(), golden["size"]![0]!.GetValue<int>(), []);
        JsonArray boxes = golden["boxes"]!.AsArray();
        for (int i = 0; i < boxes.Count; i++)
        {
            var found = new Detection(0, 0, 1, DetectionBox.From([.. Numbers(boxes[i])]), null, 0);
            Assert.Equal(golden["strings"]![i]!.GetValue<string>(), found.MaskOrBox(image).ToCompressed());
        }
    }

    private static void AssertReport(JsonObject golden, DetectionReport report)
    {
        int[] limits = [.. Numbers(golden["maxDets"]).Select(n => (int)n)];
        AssertClose(Numbers(golden["stats"]), Stats(report, limits));
        if (golden["iouThrs"] is { } thresholds)
            Assert.Equal(Numbers(thresholds), DetectionMatcher.IouThresholds);
        DetectionCurves curves = report.Curves!;
        AssertClose(Numbers(golden["recall"]!["values"]), [.. curves.Recall.Select(value => (double?)value)]);
        if (golden["precision"] is { } precision)
            AssertArray(precision, curves.Precision);
        if (golden["scores"] is { } scores)
            AssertArray(scores, curves.Scores);
        if (report.Categories.Count == 0)
            return;
        JsonArray byCategory = golden["per_category"]!.AsArray();
        foreach ((JsonNode? expected, CategoryPrecision category) in byCategory.Zip(report.Categories))
        {
            Assert.Equal(expected!["category_id"]!.GetValue<long>(), category.Id);
            AssertClose(
                [.. new[] { "AP", "AP50", "AR" }.Select(name => expected[name]!.GetValue<double>())],
                [category.Ap, category.Ap50, category.Ar]);
        }
    }

    private static double?[] Stats(DetectionReport report, int[] limits) =>
    [
        report.Precision.All, report.Precision.At50, report.Precision.At75, report.Precision.Small, report.Precision.Medium,
        report.Precision.Large, report.Recall.At[limits[0]], report.Recall.At[limits[1]], report.Recall.At[limits[2]],
        report.Recall.Small, report.Recall.Medium, report.Recall.Large,
    ];

    private static void AssertArray(JsonNode golden, double[] values)
    {
        Assert.Equal(golden["sum"]!.GetValue<double>(), values.Sum(), Tolerance * values.Length);
        Assert.Equal(golden["count_above_minus_1"]!.GetValue<int>(), values.Count(value => value > -1));
        if (golden["sample"] is { } sample)
        {
            int stride = golden["stride"]!.GetValue<int>();
            AssertClose(Numbers(sample), [.. values.Where((_, i) => i % stride == 0).Select(value => (double?)value)]);
        }

        if (golden["sums_by_area"] is { } areas && golden["shape"]!.AsArray().Count == 5)
        {
            int limits = golden["shape"]![4]!.GetValue<int>(), ranges = golden["shape"]![3]!.GetValue<int>();
            double[] sums = new double[ranges];
            for (int i = 0; i < values.Length; i++)
                sums[i / limits % ranges] += values[i];
            AssertClose(Numbers(areas), [.. sums.Select(sum => (double?)sum)], Tolerance * values.Length);
        }
    }

    private static void AssertMatches(JsonArray golden, Found found, DetectionOptions options)
    {
        DetectionTruths truths = found.Truths;
        var groups = DetectionEvaluator.Group(found, options, options.MaxDetections[^1], TestContext.Current.CancellationToken)
            .ToDictionary(
                group => (truths.Images[group.Image].Id, options.UsesCategories ? truths.Categories[group.Category].Id : -1),
                group => group.Matcher);
        foreach (JsonNode? one in golden)
        {
            DetectionMatcher matcher = groups[(one!["image_id"]!.GetValue<long>(), one["category_id"]!.GetValue<long>())];
            Assert.Equal(Numbers(one["dtIds"]), matcher.Detections.Select(d => found.Items.IndexOf(d) + 1.0));
            (int[] order, int counted) = matcher.Order(0);
            Assert.Equal(Numbers(one["gtIgnore"]), order.Select((_, i) => i < counted ? 0.0 : 1.0));
            foreach ((string threshold, JsonNode? at) in one["at"]!.AsObject())
            {
                var matches = new DetectionTruth?[matcher.Detections.Length];
                var ignored = new bool[matches.Length];
                matcher.Match(
                    0, order, counted, double.Parse(threshold, System.Globalization.CultureInfo.InvariantCulture), matches, ignored);
                Assert.Equal(Numbers(at!["dtMatches"]), matches.Select(match => (double)(match?.Id ?? 0)));
                Assert.Equal(Numbers(at["dtIgnore"]), ignored.Select(flag => flag ? 1.0 : 0.0));
            }
        }
    }

    private static void AssertClose(IEnumerable<double> expected, double?[] actual, double tolerance = Tolerance)
    {
        double[] wanted = [.. expected];
        Assert.Equal(wanted.Length, actual.Length);
        for (int i = 0; i < wanted.Length; i++)
            Assert.Equal(wanted[i], actual[i] ?? -1, tolerance);
    }

    private static IEnumerable<double> Numbers(JsonNode? array) => array!.AsArray().Select(value => value!.GetValue<double>());

    private static JsonNode Json(string name) => JsonNode.Parse(File.ReadAllText(Golden(name)))!;

    private static string Golden(string name)
    {
        string path = SharedData.Require(Path.Combine("..", "golden", "cocoeval", name));
        Assert.SkipWhen(!File.Exists(path), "shared/golden has no cocoeval");
        return path;
    }
}
