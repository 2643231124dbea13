using System.Globalization;

namespace PocketSam.Training.Optimization;

/// <summary>A CSV file with one line per step of a training; its columns are those of the first step.</summary>
public sealed class StepLog : IDisposable
{
    private readonly string _path;
    private readonly long _step;
    private StreamWriter? _writer;

    /// <param name="path">The file, which is written from the first added step on.</param>
    /// <param name="step">Number of steps done. Lines of later steps, from a run that went on after its last
    /// checkpoint, are dropped.</param>
    public StepLog(string path, long step)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        (_path, _step) = (path, step);
    }

    /// <summary>Adds a step.</summary>
    /// <param name="p">The result of the step.</param>
    /// <param name="more">Further values, with the same names in every step; NaN for values that this step does not
    /// have.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Add(IStepProgress p, IReadOnlyList<(string Name, double Value)>? more = null)
    {
        ArgumentNullException.ThrowIfNull(p);
        (string Name, double Value)[] all = [.. p.Measures, .. more ?? []];
        _writer ??= Open($"step,size,batch,{string.Join(',', all.Select(m => m.Name))},learning_rate,seconds,pictures_per_second");
        string measures = string.Join(',', all.Select(m => m.Value.ToString("G6", CultureInfo.InvariantCulture)));
        _writer.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{p.Step},{p.Size},{p.BatchSize},{measures},{p.LearningRate:G6},{p.Seconds:G4},{p.BatchSize / p.Seconds:G4}"));
        _writer.Flush();
    }

    /// <summary>The highest mean of some columns over the steps done; null if no line has them all.</summary>
    public double? Best(IReadOnlyList<string> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        if (!File.Exists(_path))
            return null;
        double? best = null;
        int[]? places = null;
        foreach (string line in File.ReadLines(_path))
        {
            string[] fields = line.Split(',');
            if (places is null)
            {
                places = [.. columns.Select(column => Array.IndexOf(fields, column))];
                if (places.Contains(-1))
                    return null;
            }
            else if (long.TryParse(fields[0], out long step) && step <= _step)
            {
                double mean = places.Average(place => place < fields.Length
                    && double.TryParse(fields[place], CultureInfo.InvariantCulture, out double value) ? value : double.NaN);
                if (double.IsFinite(mean) && !(mean <= best))
                    best = mean;
            }
        }

        return best;
    }

    /// <inheritdoc/>
    public void Dispose() => _writer?.Dispose();

    /// <summary>Keeps the lines of steps done, if the file has the same columns.</summary>
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
