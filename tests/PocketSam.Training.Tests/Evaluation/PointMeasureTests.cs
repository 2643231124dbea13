using PocketSam.Training.Evaluation;

namespace PocketSam.Training.Tests.Evaluation;

public sealed class PointMeasureTests : IDisposable
{
    private readonly MeasuredSet _set = new();

    public void Dispose() => _set.Dispose();

    [Theory]
    [InlineData(MaskSelection.Best)]
    [InlineData(MaskSelection.First)]
    public void Clicks_follow_the_error_and_feed_the_mask_back(MaskSelection selection)
    {
        const int clicks = 3;
        double[] ious = new double[clicks], oracle = new double[clicks];
        CocoDataset data = CocoDataset.Load(_set.Path);
        foreach (CocoImage image in data.Images)
        {
            using ImageEmbedding photo = MeasuredSet.Nano.Encode(MeasuredSet.Reader(image.Path), 64, TestContext.Current.CancellationToken);
            foreach (BinaryMask truth in image.Annotations.Select(annotation => annotation.Decode()))
            {
                Prompt? prompt = null;
                Mask? mask = null;
                for (int n = 0; n < clicks; n++)
                {
                    Click? click = mask is null ? ClickSimulator.First(truth) : ClickSimulator.Next(mask.Bits, truth);
                    prompt = prompt?.WithPoint(click!.Value.X, click.Value.Y, click.Value.IsForeground).WithMask(mask!.Logits)
                        ?? Prompt.Point(click!.Value.X, click.Value.Y);
                    Prediction three = MeasuredSet.Nano.Predict(photo, prompt, multimask: true, TestContext.Current.CancellationToken);
                    Prediction one = MeasuredSet.Nano.Predict(photo, prompt, multimask: false, TestContext.Current.CancellationToken);
                    mask = n == 0 && selection == MaskSelection.Best ? three.Best : one.Best;
                    ious[n] += mask.Bits.Iou(truth) / 3;
                    oracle[n] += three.Masks.Append(mask).Max(m => m.Bits.Iou(truth)) / 3;
                }
            }
        }

        MeasureReport report = Run(new MeasureOptions { Clicks = clicks, Selection = selection });

        Assert.Equal(("points-3", 2), (report.Measure, report.Images));
        AssertRow(ious, report.Tables[0].Rows[0]);
        AssertRow(oracle, report.Tables[0].Rows[1]);
        Assert.Equal(["IoU 0.85", "IoU 0.90"], report.Tables[1].Rows.Select(row => row.Name));
    }

    [Fact]
    public void What_is_never_reached_takes_all_clicks()
    {
        MeasureReport report = Run(new MeasureOptions { Clicks = 2 });
        Assert.All(report.Tables[1].Rows, row => Assert.Equal([2.0, 1.0], row.Values));
    }

    [Fact]
    public void A_random_first_click_lies_on_the_object_and_follows_from_the_seed()
    {
        EvaluationCase[] first = Cases(1), again = Cases(1), other = Cases(2);

        Assert.Equal(first.SelectMany(one => one.Points), again.SelectMany(one => one.Points));
        Assert.NotEqual(first.SelectMany(one => one.Points), other.SelectMany(one => one.Points));
        Assert.All(first, one => Assert.True(one.Truth!.ToMask()[(int)one.Points[0].X, (int)one.Points[0].Y]));

        EvaluationCase[] Cases(ulong seed)
            => [.. Run(new MeasureOptions { Clicks = 1, FirstPoint = FirstPoint.Random, Seed = seed }).Best];
    }

    [Fact]
    public void Best_and_worst_cases_are_one_of_a_picture()
    {
        MeasureReport report = Run(new MeasureOptions { Clicks = 1 });
        Assert.Equal(2, report.Best.Count);
        Assert.Equal(2, report.Worst.Count);
        Assert.True(report.Best[0].Value >= report.Best[1].Value);
        Assert.True(report.Worst[0].Value <= report.Worst[1].Value);
        Assert.True(report.Worst[0].Value <= report.Best[0].Value);
    }

    [Fact]
    public void Cases_are_kept_by_their_values()
    {
        var cases = new CaseCollector();
        foreach ((string picture, double value) in (ReadOnlySpan<(string, double)>)
            [("a", 0.5), ("a", 0.9), ("a", 0.1), ("b", 0.3), ("c", 0.7), ("d", 0.2), ("e", 0.6), ("f", 0.4), ("g", 0.8), ("h", 0)])
        {
            cases.Add(picture, value, () => new EvaluationCase(picture, "", value));
        }

        Assert.Equal([("a", 0.9), ("g", 0.8), ("c", 0.7), ("e", 0.6), ("f", 0.4), ("b", 0.3)], cases.Best.Select(one => (one.Picture, one.Value)));
        Assert.Equal([("h", 0), ("a", 0.1), ("d", 0.2), ("b", 0.3), ("f", 0.4), ("e", 0.6)], cases.Worst.Select(one => (one.Picture, one.Value)));
    }

    [Fact]
    public void Both_modes_are_those_that_the_evaluator_of_everything_measures()
    {
        CocoDataset data = CocoDataset.Load(_set.Path);
        MeasureReport report = EverythingMeasure.Of(
            MeasuredSet.Nano, MeasuredSet.Reader, data, new MeasureOptions { ImageSize = 64, PointsPerSide = 8 })
            .Run(null, TestContext.Current.CancellationToken);

        foreach (MeasureRow row in report.Tables[0].Rows)
        {
            var generator = new MaskGenerator(MeasuredSet.Nano, MaskGeneratorOptions.For(MeasuredSet.Nano.Config) with
            {
                Mode = Enum.Parse<MaskGeneratorMode>(row.Name, ignoreCase: true), PointsPerSide = 8,
            });
            EverythingResult expected = new EverythingEvaluator(
                generator, MeasuredSet.Reader, new EvaluationOptions { ImageSize = 64, MinArea = 1 })
                .Run(data, null, TestContext.Current.CancellationToken);
            Assert.Equal(expected.MeanIou, row.Values[0]!.Value, 12);
            Assert.Equal(expected.MasksPerPicture, row.Values[5]!.Value, 12);
        }

        Assert.Equal(["dense", "hierarchical"], report.Tables[0].Rows.Select(row => row.Name));
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(21, null)]
    [InlineData(1, 100)]
    public void Options_out_of_range_are_refused(int clicks, int? imageSize)
        => Assert.ThrowsAny<ArgumentException>(() => Run(new MeasureOptions { Clicks = clicks }, imageSize ?? 64));

    private static void AssertRow(double[] expected, MeasureRow row)
    {
        Assert.Equal(expected.Length, row.Values.Count);
        Assert.All(expected.Zip(row.Values), pair => Assert.Equal(pair.First, pair.Second!.Value, 12));
    }

    private MeasureReport Run(MeasureOptions options, int imageSize = 64) => PointMeasure.Of(
        MeasuredSet.Nano, MeasuredSet.Reader, CocoDataset.Load(_set.Path), options with { ImageSize = imageSize })
        .Run(null, TestContext.Current.CancellationToken);
}
