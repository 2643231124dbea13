using PocketSam.Kernels;
using PocketSam.Models;
using PocketSam.Training.Evaluation;
using PocketSam.Training.Tests.Data;

namespace PocketSam.Training.Tests.Evaluation;

public sealed class EvaluatorTests : IDisposable
{
    private const int Width = 90;
    private const int Height = 70;

    private static readonly Sam Nano = Sam.Over(SamModel.Create(ModelZoo.Nano, seed: 3));

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Box_gives_the_single_mask_for_each_box()
    {
        (CocoDataset data, BinaryMask[][] truths) = Dataset();
        var expected = new IouAccumulator();
        foreach (BinaryMask[] picture in truths)
        {
            using ImageEmbedding photo = Nano.Encode(Picture(), 64);
            foreach (BinaryMask truth in picture)
                expected.Add(Nano.Predict(photo, Prompt.Box(truth.Bounds), multimask: false).Best.Bits.Iou(truth));
        }

        EvaluationReport report = Evaluate(data, "box");

        Assert.Equal(expected.ToResult(), report.Protocols["box"]);
        Assert.Equal(("nano", data.Path, 2, 3), (report.Model, report.Data, report.Images, report.Masks));
    }

    [Fact]
    public void Clicks_feed_the_mask_back()
    {
        (CocoDataset data, BinaryMask[][] truths) = Dataset();
        IouAccumulator one = new(), three = new();
        foreach (BinaryMask[] picture in truths)
        {
            using ImageEmbedding photo = Nano.Encode(Picture(), 64);
            foreach (BinaryMask truth in picture)
            {
                Click click = ClickSimulator.First(truth)!.Value;
                Prompt prompt = Prompt.Point(click.X, click.Y);
                PocketSam.Prediction answer = Nano.Predict(photo, prompt, multimask: true);
                one.Add(answer.Best.Bits.Iou(truth), answer.Masks.Max(mask => mask.Bits.Iou(truth)));
                for (int i = 1; i < 3; i++)
                {
                    click = ClickSimulator.Next(answer.Best.Bits, truth)!.Value;
                    prompt = prompt.WithPoint(click.X, click.Y, click.IsForeground).WithMask(answer.Best.Logits);
                    answer = Nano.Predict(photo, prompt, multimask: false);
                }

                three.Add(answer.Best.Bits.Iou(truth));
            }
        }

        EvaluationReport report = Evaluate(data, "3-click,1-click");

        Assert.Equal(["3-click", "1-click"], report.Protocols.Keys);
        Assert.Equal(one.ToResult(), report.Protocols["1-click"]);
        Assert.Equal(three.ToResult(), report.Protocols["3-click"]);
    }

    [Fact]
    public void A_model_that_shows_the_single_mask_first_is_measured_by_it_and_by_its_choice_of_three()
    {
        (CocoDataset data, BinaryMask[][] truths) = Dataset();
        SamModel model = SamModel.Create(ModelZoo.Nano with { FirstMask = FirstMask.Single }, seed: 3);
        Sam sam = Sam.Over(model);
        IouAccumulator first = new(), multi = new();
        foreach (BinaryMask[] picture in truths)
        {
            using ImageEmbedding photo = sam.Encode(Picture(), 64);
            foreach (BinaryMask truth in picture)
            {
                Click click = ClickSimulator.First(truth)!.Value;
                Prompt prompt = Prompt.Point(click.X, click.Y);
                var single = sam.Predict(photo, prompt, multimask: false);
                var three = sam.Predict(photo, prompt, multimask: true);
                var shown = sam.Predict(photo, prompt);
                Assert.Equal([single.Masks[0].PredictedIou, .. three.Masks.Select(m => m.PredictedIou)], shown.Masks.Select(m => m.PredictedIou));
                Assert.Same(shown.Masks[0], shown.Best);
                first.Add(single.Best.Bits.Iou(truth), shown.Masks.Max(mask => mask.Bits.Iou(truth)));
                multi.Add(three.Best.Bits.Iou(truth), three.Masks.Max(mask => mask.Bits.Iou(truth)));
            }
        }

        EvaluationReport report = new Evaluator(sam, _ => Picture(), Options("1-click,1-click-multi")).Run(data);

        Assert.Equal(first.ToResult(), report.Protocols["1-click"]);
        Assert.Equal(multi.ToResult(), report.Protocols["1-click-multi"]);
    }

    [Fact]
    public void Small_masks_crowds_and_surplus_masks_are_passed_over()
    {
        (CocoDataset data, _) = Dataset();

        Assert.Equal(4, Evaluate(data, "box", minArea: 1).Masks);
        Assert.Equal(3, Evaluate(data, "box").Masks);
        EvaluationReport first = Evaluate(data, "box", maxMasks: 1);
        Assert.Equal((1, 1), (first.Images, first.Masks));

        var e = Assert.Throws<DataFormatException>(() => Evaluate(data, "box", minArea: Width * Height));
        Assert.Equal($"{data.Path}: no mask of at least 6300 pixels to measure", e.Message);
    }

    [Fact]
    public void Number_of_threads_does_not_matter()
    {
        (CocoDataset data, _) = Dataset();
        EvaluationReport one, three;
        using (Workers.Limit(1))
            one = Evaluate(data, "box,1-click,2-click");
        using (Workers.Limit(3))
            three = Evaluate(data, "box,1-click,2-click");

        Assert.Equal(one.Protocols, three.Protocols);
    }

    [Fact]
    public void Progress_is_told_and_cancelling_is_heard()
    {
        (CocoDataset data, _) = Dataset();
        using var cancellation = new CancellationTokenSource();
        var reports = new Reports(cancellation);
        var evaluator = new Evaluator(Nano, _ => Picture(), Options("box"));

        Assert.Throws<OperationCanceledException>(() => evaluator.Run(data, reports, cancellation.Token));
        Assert.Equal([new EvaluationProgress(1, 3, 2)], reports);
    }

    [Fact]
    public void Missing_picture_is_named()
    {
        (CocoDataset data, _) = Dataset();
        File.Delete(_folder["b.png"]);

        var e = Assert.Throws<DataFormatException>(() => Evaluate(data, "box"));
        Assert.Equal($"{_folder["b.png"]}: the picture of image 2 is missing", e.Message);
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        Assert.ThrowsAny<ArgumentException>(() => new Evaluator(Nano, _ => Picture(), Options("box", minArea: 0)));
        Assert.ThrowsAny<ArgumentException>(() => new Evaluator(Nano, _ => Picture(), Options("box", maxMasks: 0)));
        Assert.ThrowsAny<ArgumentException>(
            () => new Evaluator(Nano, _ => Picture(), new EvaluationOptions { Protocols = [] }));
        Assert.ThrowsAny<ArgumentException>(
            () => new Evaluator(Nano, _ => Picture(), new EvaluationOptions { ImageSize = 100 }));
    }

    private static EvaluationReport Evaluate(
        CocoDataset data, string protocols, int minArea = 100, int? maxMasks = null)
        => new Evaluator(Nano, _ => Picture(), Options(protocols, minArea, maxMasks)).Run(data);

    private static EvaluationOptions Options(string protocols, int minArea = 100, int? maxMasks = null) => new()
    {
        Protocols = EvaluationProtocol.ParseList(protocols),
        MinArea = minArea,
        MaxMasks = maxMasks,
        ImageSize = 64,
    };

    private static RgbImage Picture()
    {
        var picture = new RgbImage(Width, Height);
        new Random(7).NextBytes(picture.Pixels);
        return picture;
    }

    private static AnnotatedPicture Marked(string name, IEnumerable<BinaryMask> masks)
        => new(name, Width, Height, [.. masks.Select(mask => new Annotation(mask))]);

    /// <summary>Three pictures: two large masks and a crowd; a large and a small mask; nothing.</summary>
    private (CocoDataset Data, BinaryMask[][] Large) Dataset()
    {
        BinaryMask[][] large =
        [
            [Rectangle(5, 5, 30, 40), Rectangle(40, 10, 30, 20)],
            [Rectangle(20, 20, 60, 45)],
        ];
        CocoWriter.Write(_folder["data.json"],
        [
            Marked("a.png", [.. large[0], Rectangle(0, 0, 80, 60)]),
            Marked("b.png", [.. large[1], Rectangle(3, 3, 5, 5)]),
            Marked("c.png", []),
        ]);
        string text = File.ReadAllText(_folder["data.json"]);
        int third = text.IndexOf("\"id\":3,\"image_id\":1", StringComparison.Ordinal);
        int flag = text.IndexOf("\"iscrowd\":0", third, StringComparison.Ordinal);
        _folder.Write("data.json", text[..flag] + "\"iscrowd\":1" + text[(flag + 11)..]);
        foreach (string name in (string[])["a.png", "b.png", "c.png"])
            _folder.Write(name, "read by nobody");
        return (CocoDataset.Load(_folder["data.json"]), large);
    }

    private static BinaryMask Rectangle(int x, int y, int width, int height)
    {
        var mask = new BinaryMask(Width, Height);
        mask.Fill(new PixelBox(x, y, width, height));
        return mask;
    }

    private sealed class Reports(CancellationTokenSource cancellation)
        : List<EvaluationProgress>, IProgress<EvaluationProgress>
    {
        public void Report(EvaluationProgress value)
        {
            Add(value);
            cancellation.Cancel();
        }
    }
}
