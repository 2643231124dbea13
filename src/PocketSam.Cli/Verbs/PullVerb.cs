using System.CommandLine;
using System.Globalization;
using PocketSam.Cli.Reports;

namespace PocketSam.Cli.Verbs;

/// <summary><c>pull</c>: downloads published weights from the publisher's address.</summary>
internal sealed class PullVerb : Verb
{
    private readonly Argument<string> _name = new("NAME")
    {
        Description = $"Which model: {string.Join(", ", PublishedModels.All.Select(model => model.Name))}",
    };

    private readonly Option<bool> _again = new("--again") { Description = "Fetch it even if it is here" };

    public PullVerb()
        : base(
            "pull", "Fetch a published model: download, check, convert to half precision, keep", "pull mobile_sam", "pull sam_vit_b --again")
        => Accept(_name, _again);

    protected override void Declare(ParseResult arguments, RunFiles files)
    {
        // The weights go to the user's cache, which protects its own files.
    }

    protected override void Execute(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        string name = arguments.GetRequiredValue(_name);
        TextWriter text = TextOf(terminal);
        if (name is Sam.DefaultName or Sam.QualityName)
            throw new UsageException($"{name} comes with this program: there is nothing to fetch");
        PublishedModel model = PublishedModels.Find(name)
            ?? throw new UsageException($"{name}: there are {string.Join(", ", PublishedModels.All.Select(known => known.Name))}");

        string path = terminal.WithProgress(
            $"{model.Title}, {model.Licence}, from {model.Address.Host}",
            progress => ModelCache.Default.PullAsync(model, arguments.GetValue(_again), new Fraction(progress, model), cancellation)
                .GetAwaiter().GetResult());
        long bytes = new FileInfo(path).Length;
        text.WriteLine($"source   {model.Source}");
        text.WriteLine($"licence  {model.Licence}");
        text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"wrote    {path}, {bytes / 1e6:0.0} MB"));
        text.WriteLine(model.ClipConfiguration is not null ? $"use it   --text-model {name}" : model.Architecture is null ? $"use it   --init-encoder {name}" : $"use it   --model {name}");
        WriteJson(arguments, terminal, new PullReport(name, path, bytes, model.Licence, model.Address), PullJson.Default.PullReport);
    }

    private sealed class Fraction(IProgress<double> progress, PublishedModel model) : IProgress<PullProgress>
    {
        public void Report(PullProgress value)
            => progress.Report(Math.Min(1, value.Bytes / (double)(value.TotalBytes ?? model.Megabytes * 1_000_000L)));
    }
}
