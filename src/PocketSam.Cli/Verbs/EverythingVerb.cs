using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using PocketSam.Cli.Everything;
using PocketSam.Cli.Onnx;
using PocketSam.Cli.Pictures;
using PocketSam.Cli.Reports;
using PocketSam.Cli.Sharding;
using PocketSam.Cli.Words;
using PocketSam.Imaging;

namespace PocketSam.Cli.Verbs;

/// <summary><c>everything</c>: finds all masks of pictures.</summary>
internal sealed class EverythingVerb : Verb
{
    private static readonly string[] Modes = ["hierarchical", "dense"];

    /// <summary>In the files of shares: the verb's name, and the keys of the format and of the merged file.</summary>
    public const string PartVerb = "everything", PartFormat = "format", PartMerged = "merged";

    private const string MergedName = "instances.json";

    private readonly Argument<string> _input = new("IMAGE|DIR|FILE.json")
    {
        Description = "A picture ('-' is standard input), a folder of pictures, or a COCO file whose pictures are found beside it",
    };

    private readonly Option<string> _mode = new("--mode")
    {
        Description = "Prompt only where nothing is found yet, or everywhere as SAM does",
        HelpName = string.Join('|', Modes),
        DefaultValueFactory = _ => Modes[0],
    };

    private readonly Option<int?> _pointsPerSide = CommonOptions.Number(
        "--points-per-side", "Points along each side of the grid", least: 1, byDefault: 32, most: 256);

    private readonly Option<double?> _predIou = CommonOptions.Share(
        "--pred-iou-thresh", "Least predicted IoU, of FastSAM least confidence (default: the model's own, 0.88 for SAM's, 0.4 for FastSAM's)");

    private readonly Option<double?> _stability = CommonOptions.Share(
        "--stability-score-thresh", "Least stability score (default: the model's own, 0.95 for SAM's, none for FastSAM's)");

    private readonly Option<double?> _boxNms = CommonOptions.Share(
        "--box-nms-thresh", "Largest IoU of the boxes of two masks that both stay (default: 0.7, FastSAM 0.9)");

    private readonly Option<int?> _cropLayers = CommonOptions.Number(
        "--crop-layers", "Layers of crops to look at beside the whole picture, for small things", least: 0, byDefault: 0, most: 4);

    private readonly Option<int?> _minArea = CommonOptions.Number(
        "--min-area", "Fill holes and drop islands of fewer pixels", least: 0, byDefault: 0);

    private readonly Option<double?> _minRegion = CommonOptions.MinRegion();

    private readonly Option<string> _format = new("--format")
    {
        Description = $"What --output becomes: {string.Join(", ", ResultFormat.Names)}",
        HelpName = "NAME",
        DefaultValueFactory = _ => ResultFormat.Records,
    };

    private readonly Option<string?> _output = new("--output")
    {
        Description = "The file of the masks ('-' is standard output), or a folder where the format is pictures; of a folder of pictures "
            + "a folder, in which the result of a.jpg is called a and the format's extension",
        HelpName = "FILE|DIR",
    };

    private readonly Option<string?> _overlay = new("--overlay")
    {
        Description = "Draw all masks over the picture (if nothing else is written: IMAGE.everything.png here); of a folder a folder",
        HelpName = "PNG|DIR",
    };

    private readonly Option<double?> _tolerance = new("--tolerance")
    {
        Description = "Pixels that simplified outlines may lie off (default: 1)",
        HelpName = "PIXELS",
        CustomParser = result => CommonOptions.ReadNumber(result, 1000),
    };

    private readonly Option<bool> _overwrite = new("--overwrite")
    {
        Description = "Of a folder: do all pictures again, and replace what this command has not written",
    };

    private readonly Option<bool> _merge = new("--merge")
    {
        Description = $"Of a folder, with --format coco: also one file of all pictures, {MergedName} in the folder of --output, "
            + "or FILE.json where --output names it (beside it, FILE.json.parts keeps what each picture gave, for resuming)",
    };

    private readonly ShareOption _share = new();

    private readonly Option<bool> _recursive = new("--recursive")
    {
        Description = "Look for pictures in the folders of a folder too",
    };

    private readonly Option<string?> _maskRule = FastSamArguments.MaskRule();
    private readonly TextOptions _words = new();
    private readonly Option<string> _model = CommonOptions.Model();
    private readonly Option<int?> _imageSize = CommonOptions.ImageSize();
    private readonly Option<string?> _device = DeviceNames.Option("Compute the image encoder by ONNX Runtime on this (docs/gpu.md)");
    private readonly Option<int?> _maxMegapixels = CommonOptions.MaxMegapixels();
    private readonly Option<string?> _images = DataSetOptions.Images();

    public EverythingVerb()
        : base(
            "everything", "Find all masks of a picture, or of a folder of pictures; stops and resumes",
            "everything street.jpg",
            "everything street.jpg --json - --overlay street.png",
            "everything photo.jpg --text 'person, elephant' --format coco --output found.json",
            "everything street.jpg --format geojson --output street.geojson --tolerance 0.5",
            "everything photos --output masks --format coco --overlay overlays",
            "everything street.jpg --model FastSAM-s.pt --mask-rule current --overlay street.png",
            "everything photos --output photos.json --format coco --merge")
    {
        _mode.AcceptOnlyFromAmong(Modes);
        _format.AcceptOnlyFromAmong(ResultFormat.Names);
        Accept(
            [_input, .. _words.Symbols, _mode, _pointsPerSide, _predIou, _stability, _boxNms, _cropLayers, _minArea, _minRegion, _format, _output,
             _overlay, _tolerance, _overwrite, _merge, _share.Symbol, _recursive, _maskRule, _model, _imageSize, _device, _maxMegapixels, _images]);
    }

    protected override void Declare(ParseResult arguments, RunFiles files)
    {
        string input = arguments.GetRequiredValue(_input);
        files.Read(input);
        files.ReadModel(arguments.GetRequiredValue(_model));
        files.ReadModel(_words.ModelOf(arguments));
        if (!PictureJobs.IsCollection(input))
            files.Write(arguments.GetValue(_output), OverlayOf(arguments));
    }

    protected override void Execute(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        var format = new ResultFormat(
            arguments.GetRequiredValue(_format), arguments.GetValue(_tolerance) ?? MaskFormat.DefaultTolerance);
        if (PictureJobs.IsCollection(arguments.GetRequiredValue(_input)))
            Collection(arguments, format, terminal, cancellation);
        else
            Single(arguments, format, terminal, cancellation);
    }

    private void Single(ParseResult arguments, ResultFormat format, Terminal terminal, CancellationToken cancellation)
    {
        string input = arguments.GetRequiredValue(_input);
        string? output = arguments.GetValue(_output), overlay = OverlayOf(arguments);
        RequireFiles(output, overlay, format);
        if (arguments.GetValue(_merge))
            throw new UsageException($"{_merge.Name} is for several pictures");
        if (_share.IsGiven(arguments))
            throw new UsageException("--shard is for several pictures");
        if (_words.Phrases(arguments) is { Count: > 0 } phrases)
        {
            using DeviceModel loaded = LoadSam(arguments, out int imageSize, cancellation);
            Words(phrases, loaded.Sam, imageSize, arguments, format, terminal, cancellation);
            return;
        }

        MaskFinder finder = Load(arguments, out DeviceModel? model, cancellation);
        using DeviceModel? held = model;
        TextWriter text = TextOf(terminal);
        RgbImage image = PictureInput.Read(input, terminal, Reading(arguments, terminal), cancellation);
        var clock = Stopwatch.StartNew();
        (IReadOnlyList<GeneratedMask> masks, string whyNone)
            = terminal.WithProgress("asking", progress => finder.Find(image, progress, cancellation));
        text.WriteLine(Text($"{masks.Count} masks in {clock.Elapsed.TotalSeconds:0.00} s"));
        if (masks.Count == 0)
            text.WriteLine($"nothing found: {whyNone}");
        input = PictureInput.NameOf(input);
        WriteMasks(output, format, input, image, masks, labels: null, terminal, cancellation);
        WriteRecords(arguments, terminal, input, image, masks);
        WriteOverlay(overlay, image, masks, terminal);
        WriteOutputs(text, output, overlay);
    }

    /// <summary>Finds the masks that phrases refer to, each labelled with its phrase.</summary>
    private void Words(
        IReadOnlyList<string> phrases, Sam sam, int imageSize, ParseResult arguments, ResultFormat format, Terminal terminal,
        CancellationToken cancellation)
    {
        string input = arguments.GetRequiredValue(_input);
        string? output = arguments.GetValue(_output), overlay = OverlayOf(arguments);
        MaskGeneratorOptions masks = Options(arguments, sam);
        if (arguments.GetResult(_pointsPerSide) is null or { Implicit: true })
            masks = masks with { PointsPerSide = WordGrounder.MasksFor(sam.Config).PointsPerSide };
        ITextGrounder grounder = _words.Grounder(arguments, sam, masks);
        RgbImage image = PictureInput.Read(input, terminal, Reading(arguments, terminal), cancellation);
        using ImageEmbedding photo = sam.Encode(image, imageSize, cancellation);
        IReadOnlyList<GroundedMask> found = terminal.WithProgress(
            "looking", progress => grounder.Ground(image, photo, phrases, progress, cancellation));
        TextWriter text = TextOf(terminal);
        foreach (string phrase in phrases)
        {
            GroundedMask[] own = [.. found.Where(answer => answer.Phrase == phrase)];
            text.WriteLine(own.Length == 0 ? $"{EscapingWriter.OneLine(phrase)}: nothing found"
                : Text($"{EscapingWriter.OneLine(phrase)}: {own.Length} masks, the surest {own[0].Score:0.000} sure"));
        }

        text.WriteLine($"masks by {sam.Name}, words by {grounder.Name}");
        string name = PictureInput.NameOf(input);
        IReadOnlyList<GeneratedMask> answers = [.. found.Select(answer => answer.Mask)];
        IReadOnlyList<string> labels = [.. found.Select(answer => answer.Phrase)];
        WriteMasks(output, format, name, image, answers, labels, terminal, cancellation);
        WriteOverlay(overlay, image, answers, terminal);
        WriteOutputs(text, output, overlay);
        WriteJson(
            arguments, terminal, TextReport.Of(name, image, sam, imageSize, grounder, phrases, found), TextJson.Default.TextReport);
    }

    /// <summary>Handles each picture of a folder; existing results are kept.</summary>
    private void Collection(ParseResult arguments, ResultFormat format, Terminal terminal, CancellationToken cancellation)
    {
        string? output = arguments.GetValue(_output), overlay = arguments.GetValue(_overlay), merged = null;
        if (_words.Phrases(arguments).Count > 0)
            throw new UsageException("--text is for one picture");
        if (output is null)
            throw new UsageException("several pictures need --output, a folder");
        if (output == StandardOutput || overlay == StandardOutput)
            throw new UsageException("standard output takes one result, and there are several pictures");
        if (arguments.GetValue(_merge))
        {
            if (arguments.GetRequiredValue(_format) != ResultFormat.Coco)
                throw new UsageException($"{_merge.Name} needs {_format.Name} {ResultFormat.Coco}");
            bool isFile = Path.GetExtension(output).Equals(".json", StringComparison.OrdinalIgnoreCase);
            merged = isFile ? output : Path.Combine(output, MergedName);
            output = isFile ? output + ".parts" : output;
            if (isFile)
                OutputPath.Require(merged);
        }

        OutputPath.RequireFolder(output);
        if (overlay is not null)
            OutputPath.RequireFolder(overlay);
        PictureSearch search = PictureJobs.Find(
            arguments.GetRequiredValue(_input), output, format.NameFor, arguments.GetValue(_recursive), arguments.GetValue(_images),
            format.FurtherFiles);
        Files.Read(search.Jobs.Select(job => job.Picture));
        TextWriter text = TextOf(terminal);
        Share? share = _share.Of(arguments, text);
        IReadOnlyList<PictureJob> jobs = share is null ? search.Jobs : [.. search.Jobs.Where(job => share.Holds(job.Name))];
        RequireTargets(jobs, format);
        Files.Write(jobs.Select(job => job.Target));
        Files.Write(merged);
        if (overlay is not null)
            Files.Write(jobs.Select(job => EverythingFolder.OverlayOf(overlay, job)));

        MaskFinder finder = Load(arguments, out DeviceModel? model, cancellation);
        using DeviceModel? held = model;
        foreach (string folder in new[] { output, overlay }.OfType<string>())
            OutputPath.CreateFolder(folder);
        var all = new EverythingFolder(
            finder, format, output, overlay, arguments.GetValue(_overwrite), Reading(arguments, terminal), share);
        var clock = Stopwatch.StartNew();
        SegmentedImage[] images = terminal.WithProgress("finding everything", progress =>
        {
            var done = new SegmentedImage[jobs.Count];
            for (int i = 0; i < done.Length; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                done[i] = all.Run(jobs[i], new Stretch(progress, (double)i / done.Length, 1.0 / done.Length), cancellation);
                progress.Report((i + 1.0) / done.Length);
            }

            return done;
        });
        if (share is not null)
        {
            WritePart(output, share, finder, format, merged, search.Jobs, jobs, images);
            merged = null;
        }
        else if (merged is not null)
        {
            EverythingFolder.Merge(merged, images.Select(image => image.Result).OfType<string>());
        }

        int Count(string status) => images.Count(image => image.Status == status);
        var report = new EverythingReport(
            finder.Model, Count(SegmentedImage.Written), Count(SegmentedImage.Present),
            Count(SegmentedImage.Failed), images.Sum(image => image.Masks ?? 0), Math.Round(clock.Elapsed.TotalSeconds, 3),
            images, search.PassedOver, merged);
        Summarize(report, search, output, text);
        WriteJson(arguments, terminal, report, EverythingJson.Default.EverythingReport);
        if (images.FirstOrDefault(image => image.Error is not null) is { } failed)
            throw new IOException($"{report.Failed} of {images.Length} pictures failed: {failed.Error}");
    }

    /// <summary>Writes the file of a share, by which <c>merge</c> finds the results.</summary>
    private static void WritePart(
        string folder, Share share, MaskFinder finder, ResultFormat format, string? merged, IReadOnlyList<PictureJob> all,
        IReadOnlyList<PictureJob> jobs, SegmentedImage[] images)
    {
        var places = all.Index().ToDictionary(one => one.Item.Name, one => one.Index);
        var facts = new Dictionary<string, string> { ["model and options"] = finder.Request, [PartFormat] = $"{format}" };
        if (merged is not null)
            facts[PartMerged] = Path.GetRelativePath(folder, merged);
        Part.Write(
            folder, PartOf.Of(PartVerb, share, [.. all.Select(job => job.Name)], facts),
            [
                .. jobs.Zip(images, (job, image) => new PartItem(
                    places[job.Name], job.Name, image.Result is null ? null : Path.GetRelativePath(folder, image.Result), image.Error)),
            ]);
    }

    private static void Summarize(EverythingReport report, PictureSearch search, string output, TextWriter text)
    {
        foreach (string line in search.Lines)
            text.WriteLine(line);
        foreach (SegmentedImage image in report.Images.Where(image => image.Error is not null))
            text.WriteLine($"failed: {image.Error}");
        if (report.Merged is not null)
            text.WriteLine($"wrote {report.Merged}");
        text.WriteLine(Text(
            $"{report.Masks} masks of {report.Written} pictures to {output} in {report.Seconds:0.0} s; ")
            + $"{report.Present} pictures were done already, {report.Failed} failed");
    }

    /// <summary>Loads the mask finder; the caller disposes of <paramref name="device"/> after use.</summary>
    private MaskFinder Load(ParseResult arguments, out DeviceModel? device, CancellationToken cancellation)
    {
        string model = arguments.GetRequiredValue(_model);
        device = null;
        if (FastSamArguments.Are(model))
        {
            FastSamArguments.Refuse(arguments, "FastSAM", _mode, _pointsPerSide, _cropLayers, _minArea, _device);
            return new FastSamFinder(
                FastSam.Load(model), FastOptions(arguments), arguments.GetValue(_stability) ?? 0, arguments.GetValue(_minRegion) ?? 0);
        }

        FastSamArguments.Refuse(arguments, "this model, which is not FastSAM", _maskRule);
        device = LoadSam(arguments, out int imageSize, cancellation);
        return new SamFinder(device.Sam, Options(arguments, device.Sam), imageSize);
    }

    private DeviceModel LoadSam(ParseResult arguments, out int imageSize, CancellationToken cancellation)
    {
        DeviceModel model = DeviceModel.Load(
            arguments.GetRequiredValue(_model), arguments.GetValue(_device), arguments.GetValue(_imageSize), cancellation);
        imageSize = arguments.GetValue(_imageSize) ?? model.Sam.Config.ImageSize;
        model.Sam.Config.ValidateInputSize(imageSize);
        return model;
    }

    private FastSamOptions FastOptions(ParseResult arguments)
    {
        var byDefault = new FastSamOptions();
        FastSamOptions options = byDefault with
        {
            ImageSize = arguments.GetValue(_imageSize) ?? byDefault.ImageSize,
            Confidence = (float?)arguments.GetValue(_predIou) ?? byDefault.Confidence,
            BoxNmsThresh = (float?)arguments.GetValue(_boxNms) ?? byDefault.BoxNmsThresh,
            MaskRule = FastSamArguments.RuleOf(arguments.GetValue(_maskRule)),
        };
        options.Validate();
        return options;
    }

    private ImageReadOptions Reading(ParseResult arguments, Terminal terminal)
        => CommonOptions.Reading(arguments.GetValue(_maxMegapixels)) with { Notice = terminal.Error.WriteLine };

    /// <summary>Path of a single picture's overlay; a default name if nothing else is written.</summary>
    private string? OverlayOf(ParseResult arguments)
        => arguments.GetValue(_overlay) is null && arguments.GetValue(_output) is null && !WantsJson(arguments)
            ? PictureInput.StemOf(arguments.GetRequiredValue(_input)) + ".everything.png" : arguments.GetValue(_overlay);

    private MaskGeneratorOptions Options(ParseResult arguments, Sam sam)
    {
        MaskGeneratorOptions byDefault = MaskGeneratorOptions.For(sam.Config);
        return byDefault with
        {
            Mode = arguments.GetRequiredValue(_mode) == Modes[0] ? MaskGeneratorMode.Hierarchical : MaskGeneratorMode.Dense,
            PointsPerSide = arguments.GetValue(_pointsPerSide) ?? byDefault.PointsPerSide,
            PredIouThresh = (float?)arguments.GetValue(_predIou) ?? byDefault.PredIouThresh,
            StabilityScoreThresh = (float?)arguments.GetValue(_stability) ?? byDefault.StabilityScoreThresh,
            BoxNmsThresh = (float?)arguments.GetValue(_boxNms) ?? byDefault.BoxNmsThresh,
            CropLayers = arguments.GetValue(_cropLayers) ?? byDefault.CropLayers,
            MinMaskRegionArea = arguments.GetValue(_minArea) ?? byDefault.MinMaskRegionArea,
            MinMaskRegionShare = arguments.GetValue(_minRegion) ?? byDefault.MinMaskRegionShare,
        };
    }

    /// <summary>Writes the masks of a single picture to a file or standard output.</summary>
    private static void WriteMasks(
        string? output, ResultFormat format, string picture, RgbImage image, IReadOnlyList<GeneratedMask> masks,
        IReadOnlyList<string>? labels, Terminal terminal, CancellationToken cancellation)
    {
        if (output == StandardOutput)
            terminal.WriteBytes(stream => format.Write(stream, picture, image, masks, labels));
        else if (output is not null)
            format.Write(output, picture, image, masks, cancellation, labels);
    }

    /// <summary>Paints the masks into the picture itself, which is not used afterwards.</summary>
    private static void WriteOverlay(string? overlay, RgbImage image, IReadOnlyList<GeneratedMask> masks, Terminal terminal)
    {
        if (overlay is null)
            return;
        Overlay.PaintEncoded(image, [.. masks.Select(mask => mask.Segmentation)]);
        PictureOutput.Write(overlay, image, terminal);
    }

    private static void WriteOutputs(TextWriter text, params ReadOnlySpan<string?> written)
    {
        foreach (string? path in written)
        {
            if (path is not null)
                text.WriteLine($"wrote {path}");
        }
    }

    private void WriteRecords(
        ParseResult arguments, Terminal terminal, string picture, RgbImage image, IReadOnlyList<GeneratedMask> masks)
    {
        if (JsonPath(arguments) is not { } path)
            return;
        if (path != StandardOutput)
        {
            GeneratedMaskFile.Write(path, picture, image.Width, image.Height, masks);
            return;
        }

        using var stream = new MemoryStream();
        GeneratedMaskFile.Write(stream, picture, image.Width, image.Height, masks);
        terminal.Output.WriteLine(Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length));
    }

    private static void RequireFiles(string? output, string? overlay, ResultFormat format)
    {
        if (output == StandardOutput && format.IsFolder)
            throw new UsageException("standard output takes one file, and this format has one for each mask");
        if (output is not null && format.IsFolder && (File.Exists(output) || Directory.Exists(output)))
            throw new IOException($"{output}: cannot be written (it is there already, and pictures get a new folder)");
        if (output is not (null or StandardOutput))
            OutputPath.Require(Path.TrimEndingDirectorySeparator(output));
        if (overlay is not (null or StandardOutput))
            OutputPath.Require(overlay, [.. ImageFile.WrittenExtensions]);
    }

    /// <summary>Requires that no result's path is taken by a file where it is a folder, or the reverse.</summary>
    private static void RequireTargets(IReadOnlyList<PictureJob> jobs, ResultFormat format)
    {
        foreach (PictureJob job in jobs)
        {
            if (format.IsFolder)
                OutputPath.RequireFolder(job.Target);
            else if (Directory.Exists(job.Target))
                throw new IOException($"{job.Target}: cannot be written (it is a folder)");
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>Maps the progress of one picture to that of all.</summary>
    private sealed class Stretch(IProgress<double> progress, double start, double share) : IProgress<double>
    {
        public void Report(double value) => progress.Report(start + share * value);
    }
}
