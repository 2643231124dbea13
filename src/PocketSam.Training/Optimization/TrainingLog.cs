using System.Globalization;
using PocketSam.Checkpoints;

namespace PocketSam.Training.Optimization;

/// <summary>A training's course as a plain CSV file, one line a step.</summary>
public sealed class TrainingLog : IDisposable
{
    private const string Header =
        "step,size,batch,loss,box_iou,click_iou,corrected_iou,gradient_norm,learning_rate,prompts,seconds,pictures_per_second";

    private readonly StreamWriter _writer;

    /// <summary>
    /// Opens the file; lines of steps after <paramref name="step"/>, left by a run that went further than its last
    /// checkpoint, are dropped.
    /// </summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public TrainingLog(string path, long step)
    {
        string[] kept = File.Exists(path) ? [.. File.ReadLines(path).Skip(1).Where(IsWholeAndDone)] : [];
        AtomicFile.Write(path, stream =>
        {
            using var writer = new StreamWriter(stream, leaveOpen: true);
            writer.WriteLine(Header);
            foreach (string line in kept)
                writer.WriteLine(line);
        });
        _writer = new StreamWriter(path, append: true);

        bool IsWholeAndDone(string line)
        {
            string[] fields = line.Split(',');
            return fields.Length == Header.Split(',').Length && long.TryParse(fields[0], out long s) && s <= step;
        }
    }

    /// <summary>Adds a step.</summary>
    public void Add(TrainingProgress p)
    {
        ArgumentNullException.ThrowIfNull(p);
        _writer.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{p.Step},{p.Stage.Size},{p.Stage.BatchSize},{p.Loss:G6},{p.BoxIou:G6},{p.ClickIou:G6},{p.CorrectedIou:G6}," +
            $"{p.GradientNorm:G6},{p.LearningRate:G6},{p.Prompts},{p.Seconds:G4},{p.Stage.BatchSize / p.Seconds:G4}"));
        _writer.Flush();
    }

    /// <inheritdoc/>
    public void Dispose() => _writer.Dispose();
}
