using System.Diagnostics;
using System.Globalization;
using Spectre.Console;

namespace PocketSam.Cli;

/// <summary>Output of results, messages and progress, and standard input.</summary>
/// <param name="output">Receives results.</param>
/// <param name="error">Receives progress and errors.</param>
/// <param name="isInteractive">
/// Whether <paramref name="error"/> is a terminal: progress is then a bar, else an occasional line.
/// </param>
/// <param name="binary">Opens standard output for binary data.</param>
/// <param name="interval">Time between two lines of progress without a terminal; 30 seconds by default.</param>
/// <param name="input">Opens standard input.</param>
internal sealed class Terminal(
    TextWriter output, TextWriter error, bool isInteractive, Func<Stream>? binary = null, TimeSpan? interval = null,
    Func<Stream>? input = null)
{
    private static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(30);

    /// <summary>The terminal of the process.</summary>
    public static Terminal System => new(
        Console.Out, Console.Error, !Console.IsErrorRedirected, Console.OpenStandardOutput);

    public TextWriter Output { get; } = new EscapingWriter(output);

    public TextWriter Error { get; } = new EscapingWriter(error);

    public bool IsInteractive { get; } = isInteractive;

    /// <summary>Reads all of standard input.</summary>
    /// <exception cref="IOException">The input is empty or larger than a gigabyte.</exception>
    public byte[] ReadInput()
    {
        using Stream stream = (input ?? Console.OpenStandardInput)();
        return StandardStreams.ReadWhole(stream);
    }

    /// <summary>
    /// Writes a binary result to standard output; if <paramref name="write"/> fails, nothing is written.
    /// </summary>
    public void WriteBytes(Action<Stream> write)
    {
        using var whole = new MemoryStream();
        write(whole);
        using Stream stream = (binary ?? Console.OpenStandardOutput)();
        whole.WriteTo(stream);
        stream.Flush();
    }

    /// <summary>
    /// Shows progress while <paramref name="work"/> reports the fraction done, 0 to 1: a bar on a terminal, else a line
    /// at intervals.
    /// </summary>
    public T WithProgress<T>(string label, Func<IProgress<double>, T> work)
    {
        if (!IsInteractive)
            return work(new Lines(Error, label, interval ?? DefaultInterval));
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(error) });
        return console.Progress()
            .AutoClear(true)
            .Columns(
                new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context => work(new Fraction(context.AddTask(Markup.Escape(label), maxValue: 1))));
    }

    private sealed class Lines(TextWriter error, string label, TimeSpan interval) : IProgress<double>
    {
        private readonly Stopwatch _sinceLine = Stopwatch.StartNew();

        public void Report(double value)
        {
            lock (_sinceLine)
            {
                if (_sinceLine.Elapsed < interval)
                    return;
                _sinceLine.Restart();
                error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{label}: {100 * value:0} %"));
            }
        }
    }

    /// <summary>Reports on the calling thread, unlike <see cref="Progress{T}"/>.</summary>
    private sealed class Fraction(ProgressTask task) : IProgress<double>
    {
        public void Report(double value) => task.Value = value;
    }
}
