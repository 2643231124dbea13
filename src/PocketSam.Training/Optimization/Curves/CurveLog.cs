using System.Globalization;

namespace PocketSam.Training.Optimization.Curves;

/// <summary>The curves in a log of one line a step.</summary>
internal sealed class CurveLog
{
    private const string StepColumn = "step";
    private const string SizeColumn = "size";
    private const string LossColumn = "loss";
    private const string LossSuffix = "_loss";
    private const string IouSuffix = "_iou";

    private readonly List<(long Step, int Size)> _stages = [];

    /// <summary>Columns <c>loss</c> and <c>*_loss</c>, in the file's order.</summary>
    public IReadOnlyList<Curve> Losses { get; private init; } = [];

    /// <summary>Columns <c>*_iou</c>, in the file's order.</summary>
    public IReadOnlyList<Curve> Ious { get; private init; } = [];

    /// <summary>The first step of each stage and its input size, where the log has sizes.</summary>
    public IReadOnlyList<(long Step, int Size)> Stages => _stages;

    /// <summary>Lines read.</summary>
    public long Steps { get; private set; }

    /// <summary>The first step of the log.</summary>
    public long First { get; private set; }

    /// <summary>The last.</summary>
    public long Last { get; private set; }

    /// <summary>
    /// Reads a file that another process may be writing: a line that is not whole yet is passed over. An empty file is a log
    /// without steps.
    /// </summary>
    /// <exception cref="DataFormatException">The first line names no column <c>step</c>.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static CurveLog Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        if (reader.ReadLine() is not { Length: > 0 } header)
            return new CurveLog();
        string[] columns = header.Split(',');
        int step = Array.IndexOf(columns, StepColumn), size = Array.IndexOf(columns, SizeColumn);
        if (step < 0)
            throw new DataFormatException(path, $"not a log of steps: the first line names no column '{StepColumn}'");

        Curve?[] curves = [.. columns.Select(name => IsLoss(name) || IsIou(name) ? new Curve(name) : null)];
        var log = new CurveLog
        {
            Losses = [.. curves.OfType<Curve>().Where(c => IsLoss(c.Name))],
            Ious = [.. curves.OfType<Curve>().Where(c => IsIou(c.Name))],
        };
        Range[] fields = new Range[columns.Length + 1];
        while (reader.ReadLine() is { } line)
        {
            if (line.AsSpan().Split(fields, ',') == columns.Length
                && long.TryParse(
                    line.AsSpan(fields[step]), NumberStyles.None, CultureInfo.InvariantCulture, out long number))
            {
                log.Add(number, line, fields, size, curves);
            }
        }

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

    private static bool IsLoss(string column)
        => column == LossColumn || column.EndsWith(LossSuffix, StringComparison.Ordinal);

    private static bool IsIou(string column) => column.EndsWith(IouSuffix, StringComparison.Ordinal);
}
