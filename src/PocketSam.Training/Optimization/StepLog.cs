using System.Globalization;

namespace PocketSam.Training.Optimization;

/// <summary>A training's course as a plain CSV file, one line a step; the columns follow from the first step.</summary>
public sealed class StepLog : IDisposable
{
    private readonly string _path;
    private readonly long _step;
    private StreamWriter? _writer;

    /// <param name="path">The file, written to from the first step on.</param>
    /// <param name="step">
    /// Steps done so far: lines after it, left by a run that went further than its last checkpoint, are dropped.
    /// </param>
    public StepLog(string path, long step)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        (_path, _step) = (path, step);
    }

    /// <summary>Adds a step.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Add(IStepProgress p)
    {
        ArgumentNullException.ThrowIfNull(p);
        _writer ??= Open($"step,size,batch,{string.Join(',', p.Measures.Select(m => m.Name))},learning_rate,seconds,pictures_per_second");
        string measures = string.Join(',', p.Measures.Select(m => m.Value.ToString("G6", CultureInfo.InvariantCulture)));
        _writer.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{p.Step},{p.Size},{p.BatchSize},{measures},{p.LearningRate:G6},{p.Seconds:G4},{p.BatchSize / p.Seconds:G4}"));
        _writer.Flush();
    }

    /// <inheritdoc/>
    public void Dispose() => _writer?.Dispose();

    /// <summary>Keeps the lines of steps that count, if they have the same columns.</summary>
    private StreamWriter Open(string header)
    {
        string[] kept = [];
        if (File.Exists(_path) && File.ReadLines(_path).FirstOrDefault() == header)
            kept = [.. File.ReadLines(_path).Skip(1).Where(IsWholeAndDone)];
        AtomicFile.Write(_path, stream =>
        {
            using var writer = new StreamWriter(stream, leaveOpen: true);
            writer.WriteLine(header);
            foreach (string line in kept)
                writer.WriteLine(line);
        });
        return new StreamWriter(_path, append: true);

        bool IsWholeAndDone(string line)
        {
            string[] fields = line.Split(',');
            return fields.Length == header.Split(',').Length && long.TryParse(fields[0], out long s) && s <= _step;
        }
    }
}
