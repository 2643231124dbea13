using PocketSam.Training.Evaluation;

namespace PocketSam.Training.Tests.Evaluation;

public sealed class PictureMeasureTests : IDisposable
{
    private readonly MeasuredSet _set = new();

    public void Dispose() => _set.Dispose();

    [Fact]
    public void Report_of_records_in_the_order_of_the_pictures_is_that_of_one_run()
    {
        PictureMeasure<MeasureReport> measure = Measure(new MeasureOptions { Clicks = 2, ImageSize = 64 });
        List<PictureRecord> records = [];
        foreach (int place in Enumerable.Range(0, measure.Pictures.Count).Reverse())
            measure.Measure([place], records.Add, null, TestContext.Current.CancellationToken);

        MeasureReport whole = measure.Run(null, TestContext.Current.CancellationToken);
        MeasureReport report = PointMeasure.Report(measure.Facts, [.. records.OrderBy(record => record.Place)]);

        Assert.Equal(Json(whole), Json(report));
        Assert.NotEmpty(report.Best);

        static byte[] Json(MeasureReport report)
        {
            using var stream = new MemoryStream();
            (report with { Seconds = 0 }).WriteJson(stream);
            return stream.ToArray();
        }
    }

    [Fact]
    public void Limits_are_those_of_a_run_and_not_of_a_part()
    {
        PictureMeasure<MeasureReport> measure = Measure(new MeasureOptions { Clicks = 1, ImageSize = 64, MaxMasks = 1 });
        List<PictureRecord> records = [];
        measure.Measure([0, 1], records.Add, null, TestContext.Current.CancellationToken);

        Assert.True(records.Sum(record => record.Count) > 1);
        Assert.Equal("1", measure.Run(null, TestContext.Current.CancellationToken).Protocol["masks"]);
        Assert.ThrowsAny<ArgumentOutOfRangeException>(() => measure.Measure([2], records.Add, null, TestContext.Current.CancellationToken));
        Assert.ThrowsAny<ArgumentOutOfRangeException>(() => measure.Measure([-1], records.Add, null, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Cases_of_all_pictures_come_from_the_best_and_worst_of_each()
    {
        var random = new Random(1);
        for (int turn = 0; turn < 200; turn++)
        {
            var all = new CaseCollector();
            List<PictureRecord> records = [];
            for (int picture = 0; picture < 12; picture++)
            {
                string name = $"{picture % 11}";
                var own = new PictureCases();
                for (int i = random.Next(5); i > 0; i--)
                {
                    double value = random.Next(8) / 8.0;
                    var one = new EvaluationCase(name, $"{picture}/{i}", value);
                    all.Add(name, value, () => one);
                    own.Add(value, () => one);
                }

                records.Add(new PictureRecord(picture, new Dictionary<string, double[]>()) { Best = own.Best, Worst = own.Worst });
            }

            var joined = CaseCollector.Of(records);

            Assert.Equal(all.Best, joined.Best);
            Assert.Equal(all.Worst, joined.Worst);
        }
    }

    private PictureMeasure<MeasureReport> Measure(MeasureOptions options)
        => PointMeasure.Of(MeasuredSet.Nano, MeasuredSet.Reader, CocoDataset.Load(_set.Path), options);
}
