using System.CommandLine;
using System.Text.Json.Serialization.Metadata;
using System.Text.Json;

namespace PocketSam.Cli;

/// <summary>One verb of the command line: its arguments, its help and what it does.</summary>
internal abstract class Verb
{
    /// <summary>Stands for standard output where a file is asked for.</summary>
    protected const string StandardOutput = StandardStreams.Name;

    private readonly Option<string?> _json = new("--json")
    {
        Description = "Write the result as JSON; '-' is standard output", HelpName = "PATH",
    };

    private readonly Option<int?> _threads = CommonOptions.Number(
        "--threads", "Threads to compute with (default: all processors)", least: 1);

    /// <param name="name">What is typed.</param>
    /// <param name="description">One line for the list of verbs.</param>
    /// <param name="examples">Whole command lines, for the help.</param>
    protected Verb(string name, string description, params string[] examples)
    {
        Command = new Command(name, description);
        Examples = examples;
    }

    /// <summary>The verb as the parser knows it.</summary>
    public Command Command { get; }

    /// <summary>Whole command lines that work.</summary>
    public IReadOnlyList<string> Examples { get; }

    /// <summary>What is read and what is written; those that are found later are told later.</summary>
    protected RunFiles Files { get; } = new();

    /// <summary>Does it.</summary>
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

    /// <summary>Tells the files that the arguments name, before anything is done.</summary>
    /// <param name="arguments">Parsed without error.</param>
    /// <param name="files">Is told all that is read and all that is written, but for the JSON of every verb.</param>
    protected abstract void Declare(ParseResult arguments, RunFiles files);

    /// <summary>Does it, with arguments that were parsed without error.</summary>
    protected abstract void Execute(ParseResult arguments, Terminal terminal, CancellationToken cancellation);

    /// <summary>Adds the arguments of the verb, then those that every verb has.</summary>
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

    /// <summary>Whether the result is asked for as JSON, wherever to.</summary>
    protected bool WantsJson(ParseResult arguments) => arguments.GetValue(_json) is not null;

    /// <summary>Where JSON is to be written, if it is asked for.</summary>
    protected string? JsonPath(ParseResult arguments) => arguments.GetValue(_json);

    /// <summary>Where text for people goes: nowhere when standard output is to be a result.</summary>
    protected TextWriter TextOf(Terminal terminal)
        => Files.WritesOutput ? TextWriter.Null : terminal.Output;

    /// <summary>Writes the result as JSON if that is asked for.</summary>
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
