using System.CommandLine;
using System.Text.Json.Serialization.Metadata;
using System.Text.Json;

namespace PocketSam.Cli;

/// <summary>A verb of the command line: its arguments, its help and its work.</summary>
internal abstract class Verb
{
    /// <summary>The name that stands for standard output in place of a file.</summary>
    protected const string StandardOutput = StandardStreams.Name;

    private readonly Option<string?> _json = new("--json")
    {
        Description = "Write the result as JSON; '-' is standard output", HelpName = "PATH",
    };

    private readonly Option<int?> _threads = CommonOptions.Number(
        "--threads", "Threads to compute with (default: all processors)", least: 1);

    /// <param name="name">Name of the verb.</param>
    /// <param name="description">One line for the list of verbs.</param>
    /// <param name="examples">Complete command lines for the help.</param>
    protected Verb(string name, string description, params string[] examples)
    {
        Command = new Command(name, description);
        Examples = examples;
    }

    /// <summary>The parser's command.</summary>
    public Command Command { get; }

    /// <summary>Complete command lines that work.</summary>
    public IReadOnlyList<string> Examples { get; }

    /// <summary>The files that the verb reads and writes; files that are found during the run are added then.</summary>
    protected RunFiles Files { get; } = new();

    /// <summary>Runs the verb.</summary>
    public void Run(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        if (arguments.GetValue(_threads) is { } threads)
            ComputeThreads.Count = threads;
        string? json = arguments.GetValue(_json);
        if (json is not (null or StandardOutput))
            OutputPath.Require(json);
        Declare(arguments, Files);
        Files.Write(json);
        Execute(arguments, terminal, cancellation);
    }

    /// <summary>Declares the files that the arguments name, before any work is done.</summary>
    /// <param name="arguments">The arguments, parsed without errors.</param>
    /// <param name="files">Receives all inputs and outputs except the JSON output of every verb.</param>
    protected abstract void Declare(ParseResult arguments, RunFiles files);

    /// <summary>Does the work, with arguments that were parsed without errors.</summary>
    protected abstract void Execute(ParseResult arguments, Terminal terminal, CancellationToken cancellation);

    /// <summary>Adds the verb's arguments, then those common to all verbs.</summary>
    protected void Accept(params ReadOnlySpan<Symbol> symbols)
    {
        foreach (Symbol symbol in (ReadOnlySpan<Symbol>)[.. symbols, _threads, _json])
        {
            if (symbol is Argument argument)
                Command.Add(argument);
            else
                Command.Add((Option)symbol);
        }
    }

    /// <summary>Whether the result is requested as JSON.</summary>
    protected bool WantsJson(ParseResult arguments) => arguments.GetValue(_json) is not null;

    /// <summary>Path of the JSON output; null if none is requested.</summary>
    protected string? JsonPath(ParseResult arguments) => arguments.GetValue(_json);

    /// <summary>Writer for text output; discards it if standard output takes a result.</summary>
    protected TextWriter TextOf(Terminal terminal)
        => Files.WritesOutput ? TextWriter.Null : terminal.Output;

    /// <summary>Writes the result as JSON if requested.</summary>
    protected void WriteJson<T>(ParseResult arguments, Terminal terminal, T result, JsonTypeInfo<T> type)
    {
        if (arguments.GetValue(_json) is not { } path)
            return;
        if (path == StandardOutput)
            terminal.Output.WriteLine(JsonSerializer.Serialize(result, type));
        else
            AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, result, type));
    }
}
