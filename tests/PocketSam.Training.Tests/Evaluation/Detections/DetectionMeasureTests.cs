using PocketSam.Training.Evaluation;
using PocketSam.Training.Evaluation.Detections;
using Found = PocketSam.Training.Evaluation.Detections.Detections;

namespace PocketSam.Training.Tests.Evaluation.Detections;

public sealed class DetectionMeasureTests : IDisposable
{
    private static readonly MeasureOptions Options = new() { ImageSize = 64 };

    private readonly MeasuredSet _set = new();

    public void Dispose() => _set.Dispose();

    [Theory]
    [InlineData(MaskSelection.Best, false)]
    [InlineData(MaskSelection.Best, true)]
    [InlineData(MaskSelection.First, false)]
    [InlineData(MaskSelection.First, true)]
    public void Masks_are_those_that_the_model_makes_of_the_boxes(MaskSelection selection, bool refines)
    {
        DetectionTruths truths = DetectionTruths.Load(_set.Path);
        (MeasureReport report, Found masks) = DetectionMeasure.PromptBoxes(
            MeasuredSet.Nano, MeasuredSet.Reader, truths, null, Options with { Selection = selection, Refines = refines },
            new DetectionOptions()).Run(null, TestContext.Current.CancellationToken);

        int item = 0;
        foreach (CocoImage image in CocoDataset.Load(_set.Path).Images)
        {
            using ImageEmbedding photo = MeasuredSet.Nano.Encode(MeasuredSet.Reader(image.Path), 64, TestContext.Current.CancellationToken);
            foreach (BinaryMask truth in image.Annotations.Select(annotation => annotation.Decode()))
            {
                Prompt prompt = Prompt.Box(truth.Bounds);
                bool multimask = selection == MaskSelection.Best;
                Mask expected = MeasuredSet.Nano.Predict(photo, prompt, multimask, TestContext.Current.CancellationToken).Best;
                if (refines)
                    expected = MeasuredSet.Nano.Predict(photo, prompt.WithMask(expected.Logits), multimask, TestContext.Current.CancellationToken).Best;
                Detection found = masks.Items[item++];
                Assert.Equal(expected.ToRle().ToCompressed(), found.Mask!.ToCompressed());
                Assert.Equal(expected.PredictedIou, found.Score);
            }
        }

        Assert.Equal(masks.Count, item);
        Assert.Equal(("coco-ap", "nano", 2), (report.Measure, report.Model, report.Images));
    }

    [Fact]
    public void Saved_masks_count_the_same_when_they_are_read_again()
    {
        DetectionTruths truths = DetectionTruths.Load(_set.Path);
        (MeasureReport report, Found masks) = DetectionMeasure.PromptBoxes(
            MeasuredSet.Nano, MeasuredSet.Reader, truths, null, Options, new DetectionOptions()).Run(null, TestContext.Current.CancellationToken);
        masks.Save(_set.Folder["masks.json"]);

        MeasureReport again = DetectionMeasure.Count(
            Found.Load(_set.Folder["masks.json"], truths), new DetectionOptions(), null, TestContext.Current.CancellationToken);

        Assert.Equal(report.Tables[0].Rows[0].Values, again.Tables[0].Rows[0].Values);
        Assert.Equal(report.Tables[1].Rows[0].Values, again.Tables[1].Rows[0].Values);
    }

    [Fact]
    public void Boxes_of_a_detector_keep_their_scores_and_one_outside_of_the_picture_gets_no_pixels()
    {
        DetectionTruths truths = DetectionTruths.Load(_set.Path);
        string path = _set.Folder.Write(
            "boxes.json",
            """
            [{"image_id":1,"category_id":1,"score":0.25,"bbox":[5,5,30,40]},{"image_id":1,"category_id":2,"score":0.5,"bbox":[200,5,30,40]},
            {"image_id":2,"category_id":1,"score":0.75,"bbox":[-10,-10,200,200]}]
            """);
        (_, Found masks) = DetectionMeasure.PromptBoxes(
            MeasuredSet.Nano, MeasuredSet.Reader, truths, Found.Load(path, truths), Options, new DetectionOptions())
            .Run(null, TestContext.Current.CancellationToken);

        Assert.Equal([0.25, 0.5, 0.75], masks.Items.Select(item => item.Score));
        Assert.Equal([0, 1, 0], masks.Items.Select(item => item.Category));
        Assert.Equal(0, masks.Items[1].Area);
    }

    [Fact]
    public void Right_detections_have_all_the_precision_there_is()
    {
        DetectionTruths truths = DetectionTruths.Load(_set.Path);
        List<Detection> right =
        [
            .. Enumerable.Range(0, 2).SelectMany(place => truths.Of(place)
                .Select(truth => new Detection(place, truth.Category, 0.5, null, truth.Mask, truth.Area))),
        ];
        DetectionReport report = DetectionEvaluator.Run(
            new Found("right", truths, right), cancellation: TestContext.Current.CancellationToken);

        Assert.Equal(1, report.Precision.All!.Value, 12);
        Assert.Equal(1, report.Recall.At[100]!.Value, 12);
        Assert.Null(report.Precision.Large);
        Assert.Equal(["left", "right"], report.Categories.Select(category => category.Name));
    }

    [Fact]
    public void Proposals_are_ranked_by_the_mean_of_their_two_scores()
    {
        MeasureReport report = DetectionMeasure.Propose(
            MeasuredSet.Nano, MeasuredSet.Reader, DetectionTruths.Load(_set.Path), Options with { PointsPerSide = 4 })
            .Run(null, TestContext.Current.CancellationToken);

        DetectionTruths truths = DetectionTruths.Load(_set.Path);
        var generator = new MaskGenerator(MeasuredSet.Nano, new MaskGeneratorOptions
        {
            Mode = MaskGeneratorMode.Dense, PointsPerSide = 4, PredIouThresh = 0, StabilityScoreThresh = 0, BoxNmsThresh = 0.9f,
        });
        List<Detection> items =
        [
            .. truths.Images.SelectMany((image, place) => generator.Generate(MeasuredSet.Reader(image.Path), 64)
                .Select(mask => new Detection(
                    place, 0, (mask.PredictedIou + (double)mask.StabilityScore) / 2, null, mask.Segmentation, mask.Area))),
        ];
        DetectionReport expected = DetectionEvaluator.Run(
            new Found("nano", truths, items), new DetectionOptions { UsesCategories = false, MaxDetections = [10, 100, 1000] },
            cancellation: TestContext.Current.CancellationToken);
        Assert.Equal([.. expected.Recall.At.Values, expected.Recall.Small, expected.Recall.Medium, expected.Recall.Large], report.Tables[0].Rows[0].Values);
        Assert.Equal(["AR@10", "AR@100", "AR@1000", "small", "medium", "large"], report.Tables[0].Columns);
    }

    [Theory]
    [InlineData("{}", "not COCO results JSON")]
    [InlineData("[{\"category_id\":1,\"score\":1,\"bbox\":[0,0,1,1]}]", "results[0] has no 'image_id'")]
    [InlineData("[{\"image_id\":\"x\",\"category_id\":1,\"score\":1,\"bbox\":[0,0,1,1]}]", "results[0]: 'image_id' is 'x', not a whole number")]
    [InlineData("[{\"image_id\":9,\"category_id\":1,\"score\":1,\"bbox\":[0,0,1,1]}]", "results[0]: image 9 is not listed in ")]
    [InlineData("[{\"image_id\":1,\"category_id\":1,\"bbox\":[0,0,1,1]}]", "results[0]: has no 'score' that is a finite number")]
    [InlineData("[{\"image_id\":1,\"category_id\":1,\"score\":NaN,\"bbox\":[0,0,1,1]}]", "results[0]: has no 'score' that is a finite number")]
    [InlineData("[{\"image_id\":1,\"category_id\":1,\"score\":1,\"bbox\":[0,0,1]}]", "results[0]: 'bbox' is not four finite numbers")]
    [InlineData("[{\"image_id\":1,\"category_id\":1,\"score\":1,\"bbox\":[0,0,1e300,1]}]", "results[0]: 'bbox' reaches farther than any picture")]
    [InlineData("[{\"image_id\":1,\"category_id\":1,\"score\":1}]", "results[0]: has neither 'bbox' nor 'segmentation'")]
    [InlineData(
        "[{\"image_id\":1,\"category_id\":1,\"score\":1,\"segmentation\":{\"size\":[70,90],\"counts\":\"~\"}}]", "results[0]: run-length string: ")]
    [InlineData(
        "[{\"image_id\":1,\"category_id\":1,\"score\":1,\"segmentation\":{\"size\":[7,9],\"counts\":[63]}}]",
        "results[0]: segmentation of 9x7 (width x height) in a picture of 90x70")]
    [InlineData("[null]", "results[0] has no 'image_id'")]
    [InlineData("[", "not COCO results JSON")]
    public void Results_that_cannot_be_used_are_told(string json, string message)
    {
        DetectionTruths truths = DetectionTruths.Load(_set.Path);
        string path = _set.Folder.Write("results.json", json);
        string told = Assert.Throws<DataFormatException>(() => Found.Load(path, truths)).Message;
        Assert.StartsWith($"{path}: ", told);
        Assert.Contains(message, told);
    }

    [Theory]
    [InlineData("{}", "no list 'images'")]
    [InlineData("{\"images\":[]}", "the list of images is empty")]
    [InlineData("{\"images\":[{\"width\":1,\"height\":1}]}", "images[0] has no 'id'")]
    [InlineData("{\"images\":[{\"id\":1,\"width\":0,\"height\":1}]}", "no size of a picture")]
    [InlineData("{\"images\":[{\"id\":1,\"width\":1,\"height\":1},{\"id\":1,\"width\":1,\"height\":1}]}", "image 1 occurs twice")]
    [InlineData("{\"images\":[{\"id\":1,\"width\":1,\"height\":1}],\"annotations\":[{\"id\":1}]}", "annotation 1 has no 'image_id'")]
    [InlineData(
        "{\"images\":[{\"id\":1,\"width\":1,\"height\":1}],\"annotations\":[{\"id\":1,\"image_id\":1},{\"id\":1,\"image_id\":1}]}",
        "annotation 1 occurs twice")]
    public void Objects_that_cannot_be_used_are_told(string json, string message)
    {
        string path = _set.Folder.Write("truths.json", json);
        Assert.Contains(message, Assert.Throws<DataFormatException>(() => DetectionTruths.Load(path)).Message);
    }

    [Fact]
    public void An_object_without_a_mask_is_told_when_masks_are_compared()
    {
        string path = _set.Folder.Write(
            "truths.json",
            """{"images":[{"id":1,"width":9,"height":9}],"annotations":[{"id":5,"image_id":1,"area":4,"bbox":[0,0,2,2]}]}""");
        DetectionTruths truths = DetectionTruths.Load(path);
        Found found = Found.Load(
            _set.Folder.Write("r.json", """[{"image_id":1,"category_id":1,"score":1,"bbox":[0,0,2,2]}]"""), truths);

        Assert.Equal(
            1, DetectionEvaluator.Run(found, new DetectionOptions { ComparesBoxes = true }, null, TestContext.Current.CancellationToken).Precision.All!.Value, 12);
        Assert.Equal(
            $"{path}: annotation 5 (image 1): has no 'segmentation'",
            Assert.Throws<DataFormatException>(
                () => DetectionEvaluator.Run(found, null, null, TestContext.Current.CancellationToken)).Message);
    }

    [Fact]
    public void Cancelling_is_heard()
    {
        DetectionTruths truths = DetectionTruths.Load(_set.Path);
        Assert.Throws<OperationCanceledException>(
            () => DetectionEvaluator.Run(new Found("none", truths, []), null, null, new CancellationToken(canceled: true)));
    }
}
