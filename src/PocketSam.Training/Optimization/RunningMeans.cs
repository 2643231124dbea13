using System.Globalization;

namespace PocketSam.Training.Optimization;

/// <summary>Means over the last steps of a training, and the time that is left, as a line to read.</summary>
public sealed class RunningMeans
{
    /// <summary>Share of a new step in the means.</summary>
    private const double Share = 0.02;

    private double _loss, _box, _click, _corrected, _rate, _secondsPerPicture;
    private int _steps;
    private int _corrections;

    /// <summary>Takes a step into the means.</summary>
    public void Add(TrainingProgress p)
    {
        ArgumentNullException.ThrowIfNull(p);
        _steps++;
        Mix(ref _loss, p.Loss, _steps);
        Mix(ref _box, p.BoxIou, _steps);
        Mix(ref _click, p.ClickIou, _steps);
        if (!double.IsNaN(p.CorrectedIou))
            Mix(ref _corrected, p.CorrectedIou, ++_corrections);
        Mix(ref _secondsPerPicture, p.Seconds / p.Stage.BatchSize, _steps);
        _rate = p.LearningRate;
    }

    /// <summary>The line for the step just added.</summary>
    /// <param name="p">The step.</param>
    /// <param name="options">The training: later stages cost more a step, by the area of their input.</param>
    public string Line(TrainingProgress p, TrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(p);
        ArgumentNullException.ThrowIfNull(options);
        double left = 0;
        long done = p.Step;
        foreach (TrainingStage stage in options.Stages)
        {
            long toDo = stage.Steps - Math.Clamp(done, 0, stage.Steps);
            done -= stage.Steps;
            double area = (double)stage.Size * stage.Size / ((double)p.Stage.Size * p.Stage.Size);
            left += toDo * stage.BatchSize * _secondsPerPicture * area;
        }

        var time = TimeSpan.FromSeconds(left);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"step {p.Step}/{p.TotalSteps}  {p.Stage.Size}px  loss {_loss:0.000}  IoU box {_box:0.000} click {_click:0.000} " +
            $"corrected {_corrected:0.000}  rate {_rate:0.0e+0}  {1 / _secondsPerPicture:0.0} pictures/s  " +
            $"{(int)time.TotalHours:00}:{time:mm\\:ss} left");
    }

    /// <summary>A plain mean at first, a running one once there were enough steps.</summary>
    private static void Mix(ref double mean, double value, int count) => mean += (value - mean) * Math.Max(Share, 1.0 / count);
}
