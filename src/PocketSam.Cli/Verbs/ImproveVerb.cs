using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using PocketSam.Cli.Reports;
using PocketSam.Labelling;
using PocketSam.Training.FineTuning;

namespace PocketSam.Cli.Verbs;

/// <summary><c>improve</c>: fine-tunes the model of a labelling project on its finished pictures.</summary>
internal sealed class ImproveVerb : Verb
{
    private readonly Argument<string> _project = new("PROJECT")
    {
        Description = "The folder of the pictures, or the project's file", HelpName = "FOLDER|FILE",
    };

    private readonly Option<string?> _folder = new("--folder")
    {
        Description = "Where the pictures are, if not in the folder of the project's file", HelpName = "DIR",
    };

    private readonly Option<string> _model = CommonOptions.Model();

    private readonly Option<string?> _output = new("--output")
    {
        Description = "Write the improved model here, if it is better; without it the labelling page offers it", HelpName = "FILE",
    };

    private readonly Option<int?> _minutes = CommonOptions.Number("--minutes", "Minutes that it may take", least: 1, byDefault: 10, most: 1440);

    private readonly Option<int?> _seed = CommonOptions.Number("--seed", "Chooses prompts and changes of the pictures", least: 0, byDefault: 1);

    private readonly Option<bool> _accept = new("--accept")
    {
        Description = "If it is better, have the project open with it; 'label' goes back by a click",
    };

    private readonly Option<bool> _back = new("--back")
    {
        Description = "Only return to the previous model",
    };

    public ImproveVerb()
        : base(
            "improve", "Fine-tune the model of a labelling project on the pictures that are done",
            "improve photos",
            "improve photos --minutes 20 --accept",
            "improve cats.db --folder photos --output cats.safetensors",
            "improve photos --back")
        => Accept(_project, _folder, _model, _output, _minutes, _seed, _accept, _back);

    protected override void Declare(ParseResult arguments, RunFiles files)
    {
        files.ReadModel(arguments.GetRequiredValue(_model));
        files.Read(Options(arguments).Project);
        files.Write(arguments.GetValue(_output));
    }

    protected override void Execute(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        string? output = arguments.GetValue(_output);
        bool accepts = arguments.GetValue(_accept), goesBack = arguments.GetValue(_back);
        if (accepts && output is not null)
            throw new UsageException("--accept and --output: the project opens with the model that lies beside it");
        if (goesBack && (accepts || output is not null))
            throw new UsageException("--back stands alone: nothing is learned then");
        if (output is not null)
            OutputPath.Require(output);
        PocketSamLabellingOptions options = Options(arguments);
        if (!File.Exists(options.Project))
            throw new IOException($"{options.Project}: there is no such project; 'label' makes one");
        if (!Directory.Exists(options.Folder))
            throw new IOException($"{options.Folder}: there is no such folder");
        var improvement = new PocketSamLabellingImprovement(options, Sam.Load(arguments.GetRequiredValue(_model)));
        TextWriter text = TextOf(terminal);
        if (goesBack)
        {
            improvement.GoBack();
            text.WriteLine($"{options.Project}: opens with {improvement.Model.Name}");
            return;
        }

        string model = improvement.Model.Name;
        var clock = Stopwatch.StartNew();
        FineTuningResult result = terminal.WithProgress("improving", progress => improvement.RunAsync(
            new FineTuningOptions
            {
                Time = TimeSpan.FromMinutes(arguments.GetValue(_minutes)!.Value), Seed = arguments.GetValue(_seed)!.Value,
            },
            output, new Share(progress), cancellation).GetAwaiter().GetResult());
        if (result.IsBetter && accepts)
            improvement.Accept();
        string? written = !result.IsBetter ? null : output ?? (accepts ? improvement.AcceptedFile : improvement.OfferedFile);
        text.WriteLine($"learned from {result.Learned} pictures, measured on {result.Objects} objects of {result.Pictures.Count} others");
        WriteComparison(text, "box", result.Before.Box, result.After.Box);
        WriteComparison(text, "click", result.Before.Click, result.After.Click);
        foreach (FineTuningComparison picture in result.Pictures.OrderByDescending(picture => picture.After - picture.Before))
            WriteComparison(text, picture.Picture.Name, picture.Before, picture.After);
        text.WriteLine(
            written is null ? $"not better (one figure must rise by {FineTuningResult.Margin}, the other not fall by more): nothing was kept"
            : output is not null ? $"wrote {written}"
            : accepts ? $"{options.Project}: opens with {written}; 'improve {arguments.GetRequiredValue(_project)} --back' undoes that"
            : $"wrote {written}: the labelling page offers it");
        WriteJson(
            arguments, terminal,
            new ImproveReport(
                options.Project!, model, result.IsBetter, written, accepts && written is not null, result.Learned, result.Objects,
                new(result.Before.Box, result.Before.Click), new(result.After.Box, result.After.Click),
                [.. result.Pictures.Select(picture => new ImprovedPictureReport(picture.Picture.Name, picture.Before, picture.After))],
                Math.Round(clock.Elapsed.TotalSeconds, 1)),
            ImproveJson.Default.ImproveReport);
    }

    private PocketSamLabellingOptions Options(ParseResult arguments)
    {
        string project = arguments.GetRequiredValue(_project);
        string file = Directory.Exists(project) ? Path.Combine(project, PocketSamLabellingOptions.DefaultFileName) : project;
        return new PocketSamLabellingOptions
        {
            Project = file,
            Folder = arguments.GetValue(_folder) ?? Path.GetDirectoryName(Path.GetFullPath(file))!,
        };
    }

    private static void WriteComparison(TextWriter text, string name, double before, double after) => text.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"  {name,-24} {before:0.000} {after:0.000} {after - before,7:+0.000;-0.000}"));

    /// <summary>Reports the fraction done synchronously, on the working thread.</summary>
    private sealed class Share(IProgress<double> progress) : IProgress<FineTuningProgress>
    {
        public void Report(FineTuningProgress value) => progress.Report(value.Share);
    }
}
