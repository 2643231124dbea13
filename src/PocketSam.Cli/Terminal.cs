using Spectre.Console;

namespace PocketSam.Cli;

/// <summary>Where results and messages go.</summary>
/// <param name="output">Results.</param>
/// <param name="error">Progress and errors.</param>
/// <param name="isInteractive">Whether somebody watches <paramref name="error"/>: only then is progress shown.</param>
internal sealed class Terminal(TextWriter output, TextWriter error, bool isInteractive)
{
    /// <summary>The process's own.</summary>
    public static Terminal System => new(Console.Out, Console.Error, !Console.IsErrorRedirected);

    public TextWriter Output { get; } = output;

    public TextWriter Error { get; } = error;

    public bool IsInteractive { get; } = isInteractive;

    /// <summary>Shows a bar while <paramref name="work"/> reports the fraction done, 0 to 1.</summary>
    public T WithProgress<T>(string label, Func<IProgress<double>, T> work)
    {
        if (!IsInteractive)
            return work(new Fraction(null));
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Error) });
        return console.Progress()
            .AutoClear(true)
            .Columns(
                new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context => work(new Fraction(context.AddTask(Markup.Escape(label), maxValue: 1))));
    }

    /// <summary>Reports on the thread that calls, unlike <see cref="Progress{T}"/>.</summary>
    private sealed class Fraction(ProgressTask? task) : IProgress<double>
    {
        public void Report(double value)
        {
            if (task is not null)
                task.Value = value;
        }
    }
}
