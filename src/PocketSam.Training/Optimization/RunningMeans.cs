using System.Globalization;
using System.Text;

namespace PocketSam.Training.Optimization;

/// <summary>Running means over the last steps of a training, and the remaining time, as a line of text.</summary>
public sealed class RunningMeans
{
    /// <summary>Weight of a new step in the means.</summary>
    private const double Share = 0.02;

    private const string IouEnding = "_iou";

    private readonly Dictionary<string, Mean> _means = [];
    private readonly Mean _secondsPerPicture = new();

    /// <summary>Adds a step to the means.</summary>
    public void Add(IStepProgress p)
    {
        ArgumentNullException.ThrowIfNull(p);
        foreach ((string name, double value) in p.Measures)
        {
            if (!_means.TryGetValue(name, out Mean? mean))
                _means.Add(name, mean = new Mean());
            if (!double.IsNaN(value))
                mean.Add(value);
        }

        _secondsPerPicture.Add(p.Seconds / p.BatchSize);
    }

    /// <summary>The line after a step: loss, IoUs, learning rate, speed and remaining time.</summary>
    /// <param name="p">The step.</param>
    /// <param name="stages">The stages of the training; the cost per picture is proportional to the area of the
    /// input.</param>
    public string Line(IStepProgress p, IEnumerable<(int Size, int Steps, int BatchSize)> stages)
    {
        ArgumentNullException.ThrowIfNull(p);
        ArgumentNullException.ThrowIfNull(stages);
        double left = 0;
        long done = p.Step;
        foreach ((int size, int steps, int batchSize) in stages)
        {
            long toDo = steps - Math.Clamp(done, 0, steps);
            done -= steps;
            left += toDo * batchSize * _secondsPerPicture.Value * ((double)size * size / ((double)p.Size * p.Size));
        }

        var line = new StringBuilder();
        line.Append(CultureInfo.InvariantCulture, $"step {p.Step}/{p.TotalSteps}  {p.Size}px  loss {_means["loss"].Value:0.000}");
        foreach ((string name, Mean mean) in _means.Where(m => m.Key.EndsWith(IouEnding, StringComparison.Ordinal) && m.Value.IsKnown))
            line.Append(CultureInfo.InvariantCulture, $"  IoU {name[..^IouEnding.Length].Replace('_', ' ')} {mean.Value:0.000}");
        var time = TimeSpan.FromSeconds(left);
        return line.Append(
            CultureInfo.InvariantCulture,
            $"  rate {p.LearningRate:0.0e+0}  {1 / _secondsPerPicture.Value:0.0} pictures/s  " +
            $"{(int)time.TotalHours:00}:{time:mm\\:ss} left").ToString();
    }

    /// <summary>A plain mean over the first steps, then an exponential one.</summary>
    private sealed class Mean
    {
        private int _count;

        public double Value { get; private set; }

        public bool IsKnown => _count > 0;

        public void Add(double value) => Value += (value - Value) * Math.Max(Share, 1.0 / ++_count);
    }
}
