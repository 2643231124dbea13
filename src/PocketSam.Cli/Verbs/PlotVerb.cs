using System.CommandLine;
using PocketSam.Cli.Charts;
using PocketSam.Cli.Reports;

namespace PocketSam.Cli.Verbs;

/// <summary><c>plot</c>: draws the curves of one or several trainings.</summary>
internal sealed class PlotVerb : Verb
{
    private readonly Argument<string[]> _logs = new("LOG")
    {
        Description = "The log.csv of a training, or its folder; several are compared",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string> _output = new("--output")
    {
        Description = "The picture to write", HelpName = "FILE.svg", Required = true,
    };

    public PlotVerb()
        : base(
            "plot", "Draw the curves of trainings", "plot runs/first/log.csv --output curves.svg",
            "plot runs/first runs/second runs/third --output compared.svg")
        => Accept(_logs, _output);

    protected override void Declare(ParseResult arguments, RunFiles files)
    {
        files.Read(Paths(arguments));
        files.Write(arguments.GetRequiredValue(_output));
    }

    protected override void Execute(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        string output = arguments.GetRequiredValue(_output);
        OutputPath.Require(output, ".svg");
        TrainingLog[] logs =
        [
            .. Paths(arguments).Select(TrainingLog.Read),
        ];
        CurveChart.Write(logs, output);
        var report = new PlotReport(
            output,
            [
                .. logs.Select(log => new PlottedLog(
                    log.Path, log.Steps, log.Curves.ToDictionary(curve => curve.Column, curve => curve.Last))),
            ]);
        TextOf(terminal).WriteLine(
            $"wrote {output}: {(logs.Length == 1 ? logs[0].Path : $"{logs.Length} trainings")}");
        WriteJson(arguments, terminal, report, PlotJson.Default.PlotReport);
    }

    private IEnumerable<string> Paths(ParseResult arguments) => arguments.GetRequiredValue(_logs).Select(
        path => Directory.Exists(path) ? Path.Combine(path, Trainings.TrainingFolder.LogName) : path);
}
