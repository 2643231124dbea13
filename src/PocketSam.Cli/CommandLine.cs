using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using PocketSam.Cli.Verbs;

namespace PocketSam.Cli;

/// <summary>Finds and runs the verb, and turns any exception into one line and an exit code.</summary>
internal static class CommandLine
{
    private const string Name = "pocketsam";

    /// <summary>Environment variable: set to 1, errors come with their stack trace.</summary>
    private const string TraceVariable = "POCKETSAM_TRACE";

    /// <summary>All verbs, in the order of the help.</summary>
    public static Verb[] CreateVerbs() =>
    [
        new SegmentVerb(),
        new EverythingVerb(), new SimilarVerb(),
        new ServeVerb(), new LabelVerb(),
        new EmbedVerb(),
        new EvaluateVerb(),
        new TrainVerb(), new ImproveVerb(), new DistillVerb(), new TrainWordsVerb(),
        new PlotVerb(),
        new SynthVerb(),
        new ModelsVerb(), new PullVerb(),
        new InfoVerb(),
        new ConvertVerb(), new AverageVerb(), new QuantizeVerb(), new ExportVerb(), new VerifyVerb(), new ConvertDataVerb(),
        new MergeVerb(), new PlanVerb(),
        new BenchVerb(),
    ];

    /// <summary>Runs a command line; returns the exit code.</summary>
    public static int Run(string[] args, Terminal terminal, CancellationToken cancellation)
    {
        Verb[] verbs = CreateVerbs();
        var help = new HelpOption { Recursive = true };
        help.Action = new HelpWithExamples((HelpAction)help.Action!, verbs);
        var root = new Command(Name, "Point at a thing in a photo, get its mask.") { help, new VersionOption() };
        foreach (Verb verb in verbs)
            root.Add(verb.Command);

        var parsing = new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null };
        ParseResult arguments = root.Parse(args, parsing);
        Verb? chosen = Array.Find(verbs, verb => verb.Command == arguments.CommandResult.Command);
        if (arguments.Errors.Count == 0 && chosen is not null && arguments.Action is null)
            return Run(chosen, arguments, terminal, cancellation);
        if (arguments.Action is not (null or ParseErrorAction))
            return arguments.Invoke(new InvocationConfiguration { Output = terminal.Output, Error = terminal.Error });

        string message = chosen is not null ? arguments.Errors[0].Message.TrimEnd('.')
            : $"there are the verbs {string.Join(", ", verbs.Select(verb => verb.Command.Name))}";
        return WriteError(terminal, WithHint(message, chosen), ExitCode.WrongUsage);
    }

    private static int Run(Verb verb, ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        try
        {
            verb.Run(arguments, terminal, cancellation);
            return ExitCode.Done;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            terminal.Error.WriteLine("cancelled");
            return ExitCode.Failed;
        }
        catch (UsageException e)
        {
            return WriteError(terminal, WithHint(e.Message, verb), ExitCode.WrongUsage);
        }
        catch (Exception e)
        {
            if (Environment.GetEnvironmentVariable(TraceVariable) == "1")
                terminal.Error.WriteLine(e);
            return WriteError(terminal, e.Message, ExitCode.Failed);
        }
    }

    private static string WithHint(string message, Verb? verb)
        => $"{message}; see '{Name} {(verb is null ? "" : verb.Command.Name + " ")}--help'";

    private static int WriteError(Terminal terminal, string message, int exitCode)
    {
        terminal.Error.WriteLine($"{Name}: {message.ReplaceLineEndings(" ")}");
        return exitCode;
    }

    /// <summary>The parser's own help, followed by the verb's examples.</summary>
    private sealed class HelpWithExamples(HelpAction plain, Verb[] verbs) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            int exitCode = plain.Invoke(parseResult);
            if (Array.Find(verbs, verb => verb.Command == parseResult.CommandResult.Command) is not { } verb)
                return exitCode;
            TextWriter output = parseResult.InvocationConfiguration.Output;
            output.WriteLine(verb.Examples.Count == 1 ? "Example:" : "Examples:");
            foreach (string example in verb.Examples)
                output.WriteLine($"  {Name} {example}");
            output.WriteLine();
            return exitCode;
        }
    }
}
