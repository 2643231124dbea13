using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using PocketSam.Cli.Embedding;
using PocketSam.Cli.Onnx;
using PocketSam.Cli.Pictures;
using PocketSam.Cli.Reports;
using PocketSam.Cli.Sharding;
using PocketSam.Training.Distillation;

namespace PocketSam.Cli.Verbs;

/// <summary><c>embed</c>: saves the image encoder's embeddings of pictures, for later prompts.</summary>
internal sealed class EmbedVerb : Verb
{
    /// <summary>
    /// In the files of shares: the verb's name, the key of the element type, and its value for a cache.
    /// </summary>
    public const string PartVerb = "embed", PartType = "type", CacheType = "cache";

    private const string HalfType = "float16";
    private static readonly string[] Types = ["float32", HalfType];

    private readonly Argument<string> _input = new("IMAGE|DIR|FILE.json")
    {
        Description = "A picture, a folder of pictures, or a COCO file whose pictures are found beside it",
    };

    private readonly Option<string?> _output = new("--output")
    {
        Description = "For one picture the file to write; else a folder, where a.jpg becomes a.jpg.safetensors",
        HelpName = "FILE|DIR",
    };

    private readonly Option<string?> _cache = new("--cache")
    {
        Description = "Instead: a folder of large float16 files, for training", HelpName = "DIR",
    };

    private readonly ShareOption _share = new();

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
    private readonly Option<string?> _device = DeviceNames.Option("Compute the image encoder by ONNX Runtime on this (docs/gpu.md)");
    private readonly Option<int?> _maxMegapixels = CommonOptions.MaxMegapixels();
    private readonly Option<string?> _images = DataSetOptions.Images();

    public EmbedVerb()
        : base(
            "embed", "Save what the model sees in pictures, to be prompted later; stops and resumes",
            "embed street.jpg --output street.safetensors",
            "embed photos --output embeddings --dtype float16 --recursive",
            "embed coco/train.json --cache teacher --model sam_vit_h_4b8939.pth --shard 1/4")
    {
        _type.AcceptOnlyFromAmong(Types);
        Accept(_input, _output, _cache, _share.Symbol, _type, _recursive, _model, _imageSize, _device, _maxMegapixels, _images);
    }

    protected override void Declare(ParseResult arguments, RunFiles files)
    {
        files.Read(arguments.GetRequiredValue(_input));
        files.ReadModel(arguments.GetRequiredValue(_model));
    }

    protected override void Execute(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        string? output = arguments.GetValue(_output), cache = arguments.GetValue(_cache);
        if (output is null == cache is null)
            throw new UsageException("give either --output or --cache");
        if (output is not null)
        {
            WriteFiles(output, arguments, terminal, cancellation);
        }
        else
        {
            if (arguments.GetResult(_type) is { Implicit: false } && arguments.GetValue(_type) != HalfType)
                throw new UsageException($"a cache holds {HalfType} only");
            WriteCache(cache!, arguments, terminal, cancellation);
        }
    }

    /// <summary>Writes one file for each picture.</summary>
    private void WriteFiles(string output, ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        string input = arguments.GetRequiredValue(_input), typeName = arguments.GetRequiredValue(_type);
        DataType type = typeName == HalfType ? DataType.Float16 : DataType.Float32;
        bool isCollection = PictureJobs.IsCollection(input);
        if (isCollection)
            OutputPath.RequireFolder(output);
        else if (_share.IsGiven(arguments))
            throw new UsageException("--shard is for several pictures");
        if (!isCollection && !Directory.Exists(output))
            OutputPath.Require(output, Embedder.Extension);
        PictureSearch search = PictureJobs.Find(input, output, name => name + Embedder.Extension, arguments.GetValue(_recursive), arguments.GetValue(_images));
        IReadOnlyList<PictureJob> all = search.Jobs;
        Files.Read(all.Select(job => job.Picture));
        Files.Write(all.Select(job => job.Target));
        TextWriter text = TextOf(terminal);
        Share? share = isCollection ? _share.Of(arguments, text) : null;
        IReadOnlyList<PictureJob> jobs = share is null ? all : [.. all.Where(job => share.Holds(job.Name))];
        using DeviceModel model = DeviceModel.Load(
            arguments.GetRequiredValue(_model), arguments.GetValue(_device), arguments.GetValue(_imageSize), cancellation);
        Sam sam = model.Sam;
        int imageSize = arguments.GetValue(_imageSize) ?? sam.Config.ImageSize;
        var embedder = new Embedder(sam, imageSize, type, CommonOptions.Reading(arguments.GetValue(_maxMegapixels)));

        // An existing file may turn out to be of another picture or model; it is then replaced by one of the same size.
        int missing = jobs.Count(job => !embedder.IsThere(job.Target));
        long bytes = missing * embedder.BytesEach;
        if (isCollection)
        {
            text.WriteLine(
                $"{jobs.Count} pictures{InShare(share, all.Count)}, {missing} without an embedding: {DiskSpace.Describe(bytes)} to be written to {output}");
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
        EmbedReport report = Report(sam, imageSize, typeName, images, search, clock);
        if (share is not null)
            WritePart(output, share, sam, imageSize, typeName, all, jobs, images);
        if (isCollection)
            Summarize(report, search, output, text);
        else if (report.Failed == 0)
            text.WriteLine(report.Written == 1 ? $"wrote {jobs[0].Target}" : $"{jobs[0].Target} is there already");
        WriteJson(arguments, terminal, report, EmbedJson.Default.EmbedReport);
        ThrowIfFailed(report, isCollection);
    }

    /// <summary>Writes a few large files for many pictures.</summary>
    private void WriteCache(string folder, ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        OutputPath.RequireFolder(folder);
        PictureSearch search = PictureJobs.Find(
            arguments.GetRequiredValue(_input), folder, name => name, arguments.GetValue(_recursive), arguments.GetValue(_images));
        IReadOnlyList<PictureJob> all = search.Jobs;
        Files.Read(all.Select(job => job.Picture));
        TextWriter text = TextOf(terminal);
        Share? share = _share.Of(arguments, text);
        PictureJob[] jobs = [.. all.Where(job => share is null || share.Holds(job.Name))];
        using DeviceModel model = DeviceModel.Load(
            arguments.GetRequiredValue(_model), arguments.GetValue(_device), arguments.GetValue(_imageSize), cancellation);
        Sam sam = model.Sam;
        int imageSize = arguments.GetValue(_imageSize) ?? sam.Config.ImageSize;
        var cache = new EmbeddingCacheWriter(folder, sam, imageSize);
        int missing = jobs.Count(job => !cache.Holds(job.Name));
        long bytes = missing * cache.BytesEach;
        foreach (string torn in cache.Torn)
            text.WriteLine($"torn: {torn}; delete it, its pictures are embedded anew");
        text.WriteLine(
            $"{jobs.Length} pictures{InShare(share, all.Count)}, {missing} without an embedding: {DiskSpace.Describe(bytes)} "
            + $"to be written to {folder}");
        DiskSpace.Require(folder, bytes);
        var clock = Stopwatch.StartNew();
        var embedder = new CacheEmbedder(sam, imageSize, cache, CommonOptions.Reading(arguments.GetValue(_maxMegapixels)));
        EmbeddedImage[] images = terminal.WithProgress(
            "embedding", progress => embedder.Run(jobs, progress, cancellation));
        EmbedReport report = Report(sam, imageSize, HalfType, images, search, clock) with { Cache = folder, Torn = cache.Torn };
        if (share is not null)
            WritePart(folder, share, sam, imageSize, CacheType, all, jobs, images);
        Summarize(report, search, folder, text);
        WriteJson(arguments, terminal, report, EmbedJson.Default.EmbedReport);
        ThrowIfFailed(report, isCollection: true);
    }

    private static string InShare(Share? share, int all) => share is null ? "" : $" of {all} in share {share}";

    /// <summary>Writes the file of a share, by which <c>merge</c> finds the results.</summary>
    private static void WritePart(
        string folder, Share share, Sam sam, int imageSize, string type, IReadOnlyList<PictureJob> all, IReadOnlyList<PictureJob> jobs,
        EmbeddedImage[] images)
    {
        var places = all.Index().ToDictionary(one => one.Item.Name, one => one.Index);
        var facts = new Dictionary<string, string>
        {
            ["model"] = sam.Fingerprint, ["input size"] = imageSize.ToString(CultureInfo.InvariantCulture), [PartType] = type,
        };
        Part.Write(
            folder, PartOf.Of(PartVerb, share, [.. all.Select(job => job.Name)], facts),
            [
                .. jobs.Zip(images, (job, image) => new PartItem(
                    places[job.Name], job.Name, image.Embedding is null ? null : Path.GetRelativePath(folder, image.Embedding), image.Error)),
            ]);
    }

    private static EmbedReport Report(
        Sam sam, int imageSize, string type, EmbeddedImage[] images, PictureSearch search, Stopwatch clock)
    {
        int Count(string status) => images.Count(image => image.Status == status);
        return new EmbedReport(
            ModelReport.Of(sam, imageSize), sam.Fingerprint, type, Count(EmbeddedImage.Written),
            Count(EmbeddedImage.Present), Count(EmbeddedImage.Failed), Math.Round(clock.Elapsed.TotalSeconds, 3), images,
            search.PassedOver);
    }

    private static void ThrowIfFailed(EmbedReport report, bool isCollection)
    {
        if (report.Images.FirstOrDefault(image => image.Error is not null) is { } failed)
        {
            throw new IOException(
                isCollection ? $"{report.Failed} of {report.Images.Count} pictures failed: {failed.Error}" : failed.Error);
        }
    }

    private static void Summarize(EmbedReport report, PictureSearch search, string output, TextWriter text)
    {
        foreach (string line in search.Lines)
            text.WriteLine(line);
        foreach (EmbeddedImage image in report.Images.Where(image => image.Error is not null))
            text.WriteLine($"failed: {image.Error}");
        text.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"embedded {report.Written} pictures to {output} in {report.Seconds:0.0} s; {report.Present} were there already, "
            + $"{report.Failed} failed"));
    }
}
