using System.Text;
using PocketSam.Training.Evaluation;

namespace PocketSam.Training.Tests.Evaluation;

public class EvaluationReportTests
{
    [Fact]
    public void Means_are_those_of_what_was_added()
    {
        var accumulator = new IouAccumulator();
        accumulator.Add(0.5, oracle: 0.75);
        accumulator.Add(1, oracle: 1);
        Assert.Equal(2, accumulator.Count);
        Assert.Equal(new ProtocolResult(0.75, 0.5, 0.875), accumulator.ToResult());

        accumulator.Add(0);
        Assert.Equal(new ProtocolResult(0.5, 1d / 3), accumulator.ToResult());
    }

    [Fact]
    public void What_is_no_IoU_is_refused()
    {
        var accumulator = new IouAccumulator();
        Assert.Throws<ArgumentOutOfRangeException>(() => accumulator.Add(-0.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => accumulator.Add(1.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => accumulator.Add(double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => accumulator.Add(0.5, oracle: 0.4));
        Assert.Equal(0, accumulator.Count);
        Assert.Throws<InvalidOperationException>(() => accumulator.ToResult());
    }

    [Fact]
    public void The_JSON_has_the_keys_of_the_command_line()
    {
        var report = new EvaluationReport("default", "val.json", 60, 200, new Dictionary<string, ProtocolResult>
        {
            ["box"] = new(0.75, 0.625),
            ["1-click"] = new(0.5, 0.25, 0.625),
        });
        using var stream = new MemoryStream();
        report.WriteJson(stream);
        Assert.Equal(
            """
            {
              "model": "default",
              "data": "val.json",
              "images": 60,
              "masks": 200,
              "protocols": {
                "box": {
                  "mean_iou": 0.75,
                  "accepted_share": 0.625
                },
                "1-click": {
                  "mean_iou": 0.5,
                  "accepted_share": 0.25,
                  "oracle_mean_iou": 0.625
                }
              }
            }
            """,
            Encoding.UTF8.GetString(stream.ToArray()));
    }
}
