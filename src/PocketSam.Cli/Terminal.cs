using System.Diagnostics;
using System.Globalization;
using Spectre.Console;

namespace PocketSam.Cli;

/// <summary>Where results and messages go.</summary>
/// <param name="output">Results.</param>
/// <param name="error">Progress and errors.</param>
/// <param name="isInteractive">Whether somebody watches <paramref name="error"/>: progress is a bar then, else a line now and then.</param>
/// <param name="binary">Opens standard output for bytes.</param>
/// <param name="interval">Time between two lines of progress where nobody watches; half a minute by default.</param>
/// <param name="input">Opens standard input.</param>
internal sealed class Terminal(
    TextWriter output, TextWriter error, bool isInteractive, Func<Stream>? binary = null, TimeSpan? interval = null,
    Func<Stream>? input = null)
{
    private static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(30);

    /// <summary>The process's own.</summary>
    public static Terminal System => new(
        Console.Out, Console.Error, !Console.IsErrorRedirected, Console.OpenStandardOutput);

    public TextWriter Output { get; } = new EscapingWriter(output);

    public TextWriter Error { get; } = new EscapingWriter(error);

    public bool IsInteractive { get; } = isInteractive;

    /// <summary>All of standard input.</summary>
    /// <exception cref="IOException">It is empty, or larger than a gigabyte.</exception>
    public byte[] ReadInput()
    {
        using Stream stream = (input ?? Console.OpenStandardInput)();
        return StandardStreams.ReadWhole(stream);
    }

    /// <summary>Writes a result that is no text to standard output; nothing of one that fails.</summary>
    public void WriteBytes(Action<Stream> write)
    {
        using var whole = new MemoryStream();
        write(whole);
        using Stream stream = (binary ?? Console.OpenStandardOutput)();
        whole.WriteTo(stream);
        stream.Flush();
    }

    /// <summary>
    /// Shows how far it is while <paramref name="work"/> reports the fraction done, 0 to 1: a bar, or lines where nobody
    /// watches and it takes long.
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

    /// <summary>Reports on the thread that calls, unlike <see cref="Progress{T}"/>.</summary>
    private sealed class Fraction(ProgressTask task) : IProgress<double>
    {
        public void Report(double value) => task.Value = value;
    }
}
