using PocketSam.Training.Optimization;
using PocketSam.Training.Tests.Data;

namespace PocketSam.Training.Tests.Optimization;

public sealed class StepLogTests : IDisposable
{
    private const string Header = "step,size,batch,loss,box_iou,learning_rate,seconds,pictures_per_second";

    private readonly TemporaryFolder _folder = new();

    private string Path => _folder["log.csv"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_line_a_step_and_a_head()
    {
        using (var log = new StepLog(Path, 0))
        {
            Assert.False(File.Exists(Path));
            log.Add(new MadeUpStep(1));
            Assert.Equal([Header, "1,64,4,1.5,NaN,0.001,0.5,8"], ReadAll());
            log.Add(new MadeUpStep(2));
        }

        Assert.Equal(3, ReadAll().Length);
    }

    [Fact]
    public void A_resumed_log_drops_steps_after_the_checkpoint_and_torn_lines()
    {
        Write(0, 1, 2, 3, 4);
        File.AppendAllText(Path, "2,64");
        Write(2, 3);
        Assert.Equal(["step", "1", "2", "3"], ReadAll().Select(line => line.Split(',')[0]));
    }

    [Fact]
    public void A_log_of_other_columns_or_of_a_training_that_begins_starts_anew()
    {
        File.WriteAllLines(Path, ["step,other", "1,2"]);
        Write(1, 2);
        Assert.Equal(["step", "2"], ReadAll().Select(line => line.Split(',')[0]));
        Write(0, 1);
        Assert.Equal(["step", "1"], ReadAll().Select(line => line.Split(',')[0]));
    }

    [Fact]
    public void A_log_that_cannot_be_written_says_so()
    {
        Directory.CreateDirectory(Path);
        using var log = new StepLog(Path, 0);
        Assert.ThrowsAny<IOException>(() => log.Add(new MadeUpStep(1)));
    }

    [Fact]
    public void Means_are_a_line_to_read()
    {
        var means = new RunningMeans();
        means.Add(new MadeUpStep(1));
        Assert.Equal(
            "step 1/5  64px  loss 1.500  rate 1.0e-3  8.0 pictures/s  00:00:08 left",
            means.Line(new MadeUpStep(1), [(64, 3, 4), (128, 2, 7)]));
        means.Add(new MadeUpStep(4, 0.5, 128, 0.25));
        Assert.Equal(
            "step 4/5  128px  loss 1.000  IoU teacher box 0.250  rate 1.0e-3  8.0 pictures/s  00:00:00 left",
            means.Line(new MadeUpStep(4, 0.5, 128, 0.25), [(64, 3, 4), (128, 2, 7)]));
    }

    private void Write(long done, params int[] steps)
    {
        using var log = new StepLog(Path, done);
        foreach (int step in steps)
            log.Add(new MadeUpStep(step));
    }

    private string[] ReadAll()
    {
        using var reader = new StreamReader(new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd().ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
    }

    private sealed record MadeUpStep(long Step, double Loss = 1.5, int Size = 64, double Iou = double.NaN) : IStepProgress
    {
        public int TotalSteps => 5;

        public int BatchSize => 4;

        public double Seconds => 0.5;

        public double LearningRate => 1e-3;

        public IReadOnlyList<(string Name, double Value)> Measures
            => [("loss", Loss), (double.IsNaN(Iou) ? "box_iou" : "teacher_box_iou", Iou)];
    }
}
