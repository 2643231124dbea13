using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using PocketSam.Checkpoints;
using PocketSam.Cli.Embedding;
using PocketSam.Cli.Pictures;
using PocketSam.Cli.Reports;
using PocketSam.Segmentation;

namespace PocketSam.Cli.Verbs;

/// <summary><c>embed</c>: what the image encoder finds in pictures, to be prompted later.</summary>
internal sealed class EmbedVerb : Verb
{
    private static readonly string[] Types = ["float32", "float16"];

    private readonly Argument<string> _input = new("IMAGE|DIR|FILE.json")
    {
        Description = "A picture, a folder of pictures, or a COCO file whose pictures are found beside it",
    };

    private readonly Option<string> _output = new("--output")
    {
        Description = "For one picture the file to write; else a folder, where a.jpg becomes a.jpg.safetensors",
        HelpName = "FILE|DIR",
        Required = true,
    };

    private readonly Option<string> _type = new("--dtype")
    {
        Description = "Exact, or half the size", HelpName = string.Join('|', Types), DefaultValueFactory = _ => Types[0],
    };

    private readonly Option<bool> _recursive = new("--recursive")
    {
        Description = "Look for pictures in the folders of a folder too",
    };

    private readonly Option<string> _model = CommonOptions.Model();
    private readonly Option<int?> _imageSize = CommonOptions.ImageSize();

    public EmbedVerb()
        : base(
            "embed", "Save what the model sees in pictures, to be prompted later; stops and resumes",
            "embed street.jpg --output street.safetensors",
            "embed photos --output embeddings --dtype float16 --recursive")
    {
        _type.AcceptOnlyFromAmong(Types);
        Accept(_input, _output, _type, _recursive, _model, _imageSize);
    }

    protected override void Execute(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        string input = arguments.GetRequiredValue(_input), output = arguments.GetRequiredValue(_output);
        string typeName = arguments.GetRequiredValue(_type);
        DataType type = typeName == Types[0] ? DataType.Float32 : DataType.Float16;
        bool isCollection = PictureJobs.IsCollection(input);
        if (isCollection && File.Exists(output))
            throw new IOException($"{output}: cannot be written (a file, where a folder is needed)");
        if (!isCollection && !Directory.Exists(output))
            OutputPath.Require(output, Embedder.Extension);
        IReadOnlyList<PictureJob> jobs = PictureJobs.Find(
            input, output, Embedder.Extension, arguments.GetValue(_recursive));
        Sam sam = Sam.Resolve(arguments.GetRequiredValue(_model));
        int imageSize = arguments.GetValue(_imageSize) ?? sam.Config.ImageSize;
        var embedder = new Embedder(sam, imageSize, type);

        // Those that are there may turn out to be of another picture or model, but are then replaced by as much.
        int missing = jobs.Count(job => !embedder.IsThere(job.Target));
        long bytes = missing * embedder.BytesEach;
        TextWriter text = TextOf(arguments, terminal);
        if (isCollection)
        {
            text.WriteLine(
                $"{jobs.Count} pictures, {missing} without an embedding: {DiskSpace.Describe(bytes)} to be written to {output}");
        }

        DiskSpace.Require(output, bytes);
        var clock = Stopwatch.StartNew();
        EmbeddedImage[] images = terminal.WithProgress("embedding", progress =>
        {
            var done = new EmbeddedImage[jobs.Count];
            for (int i = 0; i < done.Length; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                done[i] = embedder.Run(jobs[i], cancellation);
                progress.Report((i + 1.0) / done.Length);
            }

            return done;
        });
        int Count(string status) => images.Count(image => image.Status == status);
        var report = new EmbedReport(
            ModelReport.Of(sam, imageSize), sam.Fingerprint, typeName, Count(EmbeddedImage.Written),
            Count(EmbeddedImage.Present), Count(EmbeddedImage.Failed), Math.Round(clock.Elapsed.TotalSeconds, 3), images);
        if (isCollection)
            Summarize(report, output, text);
        else if (report.Failed == 0)
            text.WriteLine(report.Written == 1 ? $"wrote {jobs[0].Target}" : $"{jobs[0].Target} is there already");
        WriteJson(arguments, terminal, report, EmbedJson.Default.EmbedReport);
        if (images.FirstOrDefault(image => image.Error is not null) is { } failed)
        {
            throw new IOException(
                isCollection ? $"{report.Failed} of {images.Length} pictures failed: {failed.Error}" : failed.Error);
        }
    }

    private static void Summarize(EmbedReport report, string output, TextWriter text)
    {
        foreach (EmbeddedImage image in report.Images.Where(image => image.Error is not null))
            text.WriteLine($"failed: {image.Error}");
        text.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"embedded {report.Written} pictures to {output} in {report.Seconds:0.0} s; {report.Present} were there already, "
            + $"{report.Failed} failed"));
    }
}
