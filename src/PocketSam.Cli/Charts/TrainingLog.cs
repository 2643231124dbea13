using System.Globalization;

namespace PocketSam.Cli.Charts;

/// <summary>
/// The curves of a training log: a CSV file whose first line names the columns, then one line for each step. The
/// columns <c>loss</c>, <c>*_loss</c>, <c>*_iou</c>, <c>val_*</c> and <c>learning_rate</c> are drawn.
/// </summary>
internal sealed class TrainingLog
{
    private const string StepColumn = "step", SizeColumn = "size";

    private readonly List<(long Step, int Size)> _stages = [];

    private TrainingLog(string path, IReadOnlyList<Curve> curves) => (Path, Curves) = (path, curves);

    /// <summary>Path of the file.</summary>
    public string Path { get; }

    /// <summary>The training's name: the name of its folder.</summary>
    public string Name => System.IO.Path.GetFileName(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))) ?? "";

    /// <summary>The drawn columns that have a value, in the file's order.</summary>
    public IReadOnlyList<Curve> Curves { get; private set; }

    /// <summary>The first step of each stage and its input size in pixels; empty if the log has no sizes.</summary>
    public IReadOnlyList<(long Step, int Size)> Stages => _stages;

    /// <summary>Number of steps.</summary>
    public long Steps { get; private set; }

    /// <summary>The first step of the log.</summary>
    public long First { get; private set; }

    /// <summary>The last step of the log.</summary>
    public long Last { get; private set; }

    /// <summary>
    /// Reads a file that another process may be writing: incomplete lines and values that are not finite are skipped.
    /// </summary>
    /// <exception cref="DataFormatException">The file is not a log, or has no step with a value to draw.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static TrainingLog Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        string[] columns = reader.ReadLine()?.Split(',') ?? [];
        int step = Array.IndexOf(columns, StepColumn), size = Array.IndexOf(columns, SizeColumn);
        if (step < 0)
            throw new DataFormatException(path, $"not a log of steps: the first line names no column '{StepColumn}'");

        Curve?[] curves = [.. columns.Select(name => Curve.QuantityOf(name) is null ? null : new Curve(name))];
        var log = new TrainingLog(path, []);
        Range[] fields = new Range[columns.Length + 1];
        while (reader.ReadLine() is { } line)
        {
            if (line.AsSpan().Split(fields, ',') == columns.Length
                && long.TryParse(line.AsSpan(fields[step]), NumberStyles.None, CultureInfo.InvariantCulture, out long number))
            {
                log.Add(number, line, fields, size, curves);
            }
        }

        log.Curves = [.. curves.OfType<Curve>().Where(curve => curve.Count > 0)];
        if (log.Curves.Count == 0)
            throw new DataFormatException(path, "has no steps to draw");
        return log;
    }

    private void Add(long step, ReadOnlySpan<char> line, ReadOnlySpan<Range> fields, int sizeColumn, Curve?[] curves)
    {
        if (Steps++ == 0)
            First = step;
        Last = step;
        for (int i = 0; i < curves.Length; i++)
        {
            if (curves[i] is { } curve
                && double.TryParse(line[fields[i]], NumberStyles.Float, CultureInfo.InvariantCulture, out double value))
            {
                curve.Add(step, value);
            }
        }

        if (sizeColumn >= 0
            && int.TryParse(line[fields[sizeColumn]], NumberStyles.None, CultureInfo.InvariantCulture, out int size)
            && (_stages.Count == 0 || _stages[^1].Size != size))
        {
            _stages.Add((step, size));
        }
    }
}
