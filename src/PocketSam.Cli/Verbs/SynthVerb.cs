using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.ExceptionServices;
using PocketSam.Cli.Reports;
using PocketSam.Imaging;
using PocketSam.Training.Data;
using PocketSam.Training.Data.Scenes;

namespace PocketSam.Cli.Verbs;

/// <summary><c>synth</c>: generates pictures with exact masks, as a COCO data set.</summary>
internal sealed class SynthVerb : Verb
{
    private const string DataFile = "annotations.json";
    private static readonly string[] Formats = ["png", "jpg"];

    private readonly Option<string> _output = new("--output")
    {
        Description = "The folder to make; it must not exist, or be empty", HelpName = "DIR", Required = true,
    };

    private readonly Option<int?> _count = CommonOptions.Number("--count", "Pictures", least: 1, 100);

    private readonly Option<int?> _width = CommonOptions.Number(
        "--width", "Pixels in a row, 32 to 4096", least: 32, new SceneOptions().Width, most: 4096);

    private readonly Option<int?> _height = CommonOptions.Number(
        "--height", "Rows, 32 to 4096", least: 32, new SceneOptions().Height, most: 4096);

    private readonly Option<ulong> _seed = new("--seed")
    {
        Description = "The first picture's number; the same number gives the same picture", HelpName = "N",
    };

    private readonly Option<string> _format = new("--format")
    {
        Description = "Format of the pictures", HelpName = "png|jpg", DefaultValueFactory = _ => Formats[0],
    };

    public SynthVerb()
        : base(
            "synth", "Make up pictures with exact masks, as a COCO data set",
            "synth --output scenes --count 500 --width 512 --height 384 --seed 7")
    {
        _format.AcceptOnlyFromAmong(Formats);
        Accept(_output, _count, _width, _height, _seed, _format);
    }

    protected override void Declare(ParseResult arguments, RunFiles files)
    {
        // The folder is new, so no input can be in it.
    }

    protected override void Execute(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        string folder = Path.TrimEndingDirectorySeparator(arguments.GetRequiredValue(_output));
        OutputPath.RequireNewFolder(folder);
        int count = arguments.GetValue(_count)!.Value, masks = 0;
        ulong seed = arguments.GetValue(_seed);
        string format = arguments.GetRequiredValue(_format);
        var generator = new SceneGenerator(new SceneOptions
        {
            Width = arguments.GetValue(_width)!.Value,
            Height = arguments.GetValue(_height)!.Value,
        });

        var clock = Stopwatch.StartNew();
        try
        {
            AtomicFolder.Write(folder, temporary => terminal.WithProgress("painting", progress =>
            {
                CocoWriter.Write(Path.Combine(temporary, DataFile), Enumerable.Range(0, count)
                    .AsParallel().AsOrdered().WithDegreeOfParallelism(Math.Min(ComputeThreads.Count, 512))
                    .WithCancellation(cancellation)
                    .Select(i => Paint(generator, seed, i, temporary, format))
                    .AsSequential()
                    .Select((picture, i) =>
                    {
                        masks += picture.Annotations.Count;
                        progress.Report((i + 1.0) / count);
                        return picture;
                    }));
                return count;
            }));
        }
        catch (AggregateException e) when (e.InnerExceptions is [{ } only, ..])
        {
            ExceptionDispatchInfo.Throw(only);
        }

        double seconds = clock.Elapsed.TotalSeconds;
        string data = Path.Combine(folder, DataFile);
        TextOf(terminal).WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"wrote {data}: {count} pictures, {masks} masks in {seconds:0.0} s"));
        WriteJson(
            arguments, terminal, new SynthReport(data, count, masks, seed, Math.Round(seconds, 3)),
            SynthJson.Default.SynthReport);
    }

    private static AnnotatedPicture Paint(SceneGenerator generator, ulong seed, int index, string folder, string format)
    {
        TrainingPicture picture = generator.Draw(unchecked(seed + (ulong)index));
        string name = string.Create(CultureInfo.InvariantCulture, $"{index:000000}.{format}");
        ImageFile.Write(Path.Combine(folder, name), picture.Image);
        return new AnnotatedPicture(
            name, picture.Image.Width, picture.Image.Height, [.. picture.Masks.Select(mask => new Annotation(mask))]);
    }
}
