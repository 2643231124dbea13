using System.CommandLine;
using System.CommandLine.Parsing;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using PocketSam.Cli.Everything;
using PocketSam.Cli.Pictures;
using PocketSam.Cli.Reports;
using PocketSam.Imaging;

namespace PocketSam.Cli.Verbs;

/// <summary><c>everything</c>: all masks of pictures.</summary>
internal sealed class EverythingVerb : Verb
{
    private static readonly string[] Modes = ["hierarchical", "dense"];
    private static readonly string[] OverlayExtensions = [".png"];

    private readonly Argument<string> _input = new("IMAGE|DIR|FILE.json")
    {
        Description = "A picture, a folder of pictures, or a COCO file whose pictures are found beside it",
    };

    private readonly Option<string> _mode = new("--mode")
    {
        Description = "Ask where nothing was found yet, or everywhere as SAM does",
        HelpName = string.Join('|', Modes),
        DefaultValueFactory = _ => Modes[0],
    };

    private readonly Option<int?> _pointsPerSide = CommonOptions.Number(
        "--points-per-side", "Points along each side of the grid", least: 1, byDefault: 32, most: 256);

    private readonly Option<double?> _predIou = Share(
        "--pred-iou-thresh", "Least predicted IoU (default: the model's own, 0.88 for SAM's)");

    private readonly Option<double?> _stability = Share(
        "--stability-score-thresh", "Least stability score (default: the model's own, 0.95 for SAM's)");

    private readonly Option<double?> _boxNms = Share(
        "--box-nms-thresh", "Largest IoU of the boxes of two masks that both stay (default: 0.7)");

    private readonly Option<int?> _cropLayers = CommonOptions.Number(
        "--crop-layers", "Layers of crops to look at beside the whole picture, for small things", least: 0, byDefault: 0, most: 4);

    private readonly Option<int?> _minArea = CommonOptions.Number(
        "--min-area", "Fill holes and drop islands of fewer pixels", least: 0, byDefault: 0);

    private readonly Option<string> _format = new("--format")
    {
        Description = $"What --output becomes: {string.Join(", ", ResultFormat.Names)}",
        HelpName = "NAME",
        DefaultValueFactory = _ => ResultFormat.Records,
    };

    private readonly Option<string?> _output = new("--output")
    {
        Description = "The file of the masks, or a folder where the format is pictures; of a folder of pictures a folder",
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
        CustomParser = result => ReadNumber(result, 1000),
    };

    private readonly Option<bool> _overwrite = new("--overwrite")
    {
        Description = "Of a folder: do pictures again whose results are there already",
    };

    private readonly Option<bool> _recursive = new("--recursive")
    {
        Description = "Look for pictures in the folders of a folder too",
    };

    private readonly Option<string> _model = CommonOptions.Model();
    private readonly Option<int?> _imageSize = CommonOptions.ImageSize();

    public EverythingVerb()
        : base(
            "everything", "Find all masks of a picture, or of a folder of pictures; stops and resumes",
            "everything street.jpg",
            "everything street.jpg --json - --overlay street.png",
            "everything street.jpg --format geojson --output street.geojson --tolerance 0.5",
            "everything photos --output masks --format coco --overlay overlays")
    {
        _mode.AcceptOnlyFromAmong(Modes);
        _format.AcceptOnlyFromAmong(ResultFormat.Names);
        Accept(
            _input, _mode, _pointsPerSide, _predIou, _stability, _boxNms, _cropLayers, _minArea, _format, _output, _overlay,
            _tolerance, _overwrite, _recursive, _model, _imageSize);
    }

    protected override void Execute(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        string input = arguments.GetRequiredValue(_input);
        var format = new ResultFormat(
            arguments.GetRequiredValue(_format), arguments.GetValue(_tolerance) ?? MaskFormat.DefaultTolerance);
        bool isCollection = PictureJobs.IsCollection(input);
        string? output = arguments.GetValue(_output), overlay = arguments.GetValue(_overlay);
        IReadOnlyList<PictureJob> jobs = [];
        if (isCollection)
        {
            RequireFolders(output, overlay);
            jobs = PictureJobs.Find(input, output!, format.Extension, arguments.GetValue(_recursive));
            RequireTargets(jobs, format);
        }
        else
        {
            if (output is null && overlay is null && !WantsJson(arguments))
                overlay = Path.GetFileNameWithoutExtension(input) + ".everything.png";
            RequireFiles(output, overlay, format);
        }

        Sam sam = Sam.Load(arguments.GetRequiredValue(_model));
        int imageSize = arguments.GetValue(_imageSize) ?? sam.Config.ImageSize;
        sam.Config.ValidateInputSize(imageSize);
        var generator = new MaskGenerator(sam, Options(arguments, sam));
        TextWriter text = TextOf(arguments, terminal);
        if (isCollection)
        {
            Collection(
                arguments, jobs, generator, ModelReport.Of(sam, imageSize), imageSize, format, text, terminal, cancellation);
            return;
        }

        RgbImage image = ImageFile.Read(
            input, new ImageReadOptions { Notice = terminal.Error.WriteLine }, cancellation);
        var clock = Stopwatch.StartNew();
        IReadOnlyList<GeneratedMask> masks = terminal.WithProgress("asking", progress =>
            generator.Generate(image, imageSize, new Steps(progress, 0, 1), cancellation));
        text.WriteLine(Text($"{masks.Count} masks in {clock.Elapsed.TotalSeconds:0.00} s"));
        if (output is not null)
        {
            format.Write(output, input, image, masks, cancellation);
            text.WriteLine($"wrote {output}");
        }

        WriteRecords(arguments, terminal, input, image, masks);
        if (overlay is not null)
        {
            Overlay.PaintEncoded(image, [.. masks.Select(mask => mask.Segmentation)]);
            ImageFile.Write(overlay, image);
            text.WriteLine($"wrote {overlay}");
        }
    }

    /// <summary>Each picture of a folder, one result each; those that are there stay.</summary>
    private void Collection(
        ParseResult arguments, IReadOnlyList<PictureJob> jobs, MaskGenerator generator, ModelReport model, int imageSize,
        ResultFormat format, TextWriter text, Terminal terminal, CancellationToken cancellation)
    {
        string output = arguments.GetValue(_output)!;
        string? overlay = arguments.GetValue(_overlay);
        CreateFolder(output);
        if (overlay is not null)
            CreateFolder(overlay);
        bool overwrite = arguments.GetValue(_overwrite);
        var clock = Stopwatch.StartNew();
        SegmentedImage[] images = terminal.WithProgress("finding everything", progress =>
        {
            var done = new SegmentedImage[jobs.Count];
            for (int i = 0; i < done.Length; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                bool isThere = format.IsFolder ? Directory.Exists(jobs[i].Target) : File.Exists(jobs[i].Target);
                done[i] = isThere && !overwrite
                    ? new SegmentedImage(jobs[i].Picture, jobs[i].Target, SegmentedImage.Present)
                    : One(jobs[i], new Steps(progress, (double)i / done.Length, 1.0 / done.Length));
                progress.Report((i + 1.0) / done.Length);
            }

            return done;
        });
        int Count(string status) => images.Count(image => image.Status == status);
        var report = new EverythingReport(
            model, Count(SegmentedImage.Written), Count(SegmentedImage.Present), Count(SegmentedImage.Failed),
            images.Sum(image => image.Masks ?? 0), Math.Round(clock.Elapsed.TotalSeconds, 3), images);
        foreach (SegmentedImage image in images.Where(image => image.Error is not null))
            text.WriteLine($"failed: {image.Error}");
        text.WriteLine(Text(
            $"{report.Masks} masks of {report.Written} pictures to {output} in {report.Seconds:0.0} s; ")
            + $"{report.Present} pictures were done already, {report.Failed} failed");
        WriteJson(arguments, terminal, report, EverythingJson.Default.EverythingReport);
        if (images.FirstOrDefault(image => image.Error is not null) is { } failed)
            throw new IOException($"{report.Failed} of {images.Length} pictures failed: {failed.Error}");

        SegmentedImage One(PictureJob job, Steps steps)
        {
            RgbImage image;
            try
            {
                image = ImageFile.Read(
                    job.Picture, new ImageReadOptions { Notice = terminal.Error.WriteLine }, cancellation);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return new SegmentedImage(job.Picture, null, SegmentedImage.Failed, Error: e.Message);
            }

            IReadOnlyList<GeneratedMask> masks = generator.Generate(image, imageSize, steps, cancellation);
            if (overlay is not null)
            {
                // Before the result, which says that the picture is done.
                RgbImage canvas = new(image.Width, image.Height, [.. image.Pixels]);
                Overlay.PaintEncoded(canvas, [.. masks.Select(mask => mask.Segmentation)]);
                string path = Path.Combine(overlay, job.Name + OverlayExtensions[0]);
                CreateFolderOf(path);
                ImageFile.Write(path, canvas);
            }

            CreateFolderOf(job.Target);
            format.Write(job.Target, job.Picture, image, masks, cancellation);
            return new SegmentedImage(job.Picture, job.Target, SegmentedImage.Written, masks.Count);
        }
    }

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
        };
    }

    /// <summary>A single picture's masks as JSON are SAM's records.</summary>
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
        if (output is not null && format.IsFolder && (File.Exists(output) || Directory.Exists(output)))
            throw new IOException($"{output}: cannot be written (it is there already, and pictures get a new folder)");
        if (output is not null)
            OutputPath.Require(Path.TrimEndingDirectorySeparator(output));
        if (overlay is not null)
            OutputPath.Require(overlay, OverlayExtensions);
    }

    private static void RequireFolders(string? output, string? overlay)
    {
        if (output is null)
            throw new UsageException("several pictures need --output, a folder");
        foreach (string? path in (string?[])[output, overlay])
        {
            if (path is not null)
                RequireFolder(path);
        }
    }

    /// <summary>Nothing of another kind may be where a result is to go.</summary>
    private static void RequireTargets(IReadOnlyList<PictureJob> jobs, ResultFormat format)
    {
        foreach (PictureJob job in jobs)
        {
            if (format.IsFolder)
                RequireFolder(job.Target);
            else if (Directory.Exists(job.Target))
                throw new IOException($"{job.Target}: cannot be written (it is a folder)");
        }
    }

    private static void RequireFolder(string path)
    {
        if (File.Exists(path))
            throw new IOException($"{path}: cannot be written (a file, where a folder is needed)");
    }

    private static void CreateFolderOf(string path)
    {
        if (Path.GetDirectoryName(path) is { Length: > 0 } folder)
            CreateFolder(folder);
    }

    private static void CreateFolder(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{folder}: cannot be written ({e.Message})", e);
        }
    }

    private static Option<double?> Share(string name, string description) => new(name)
    {
        Description = description, HelpName = "0 ... 1", CustomParser = result => ReadNumber(result, 1),
    };

    private static double? ReadNumber(ArgumentResult result, double most)
    {
        string text = result.Tokens[0].Value, name = ((OptionResult)result.Parent!).Option.Name;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
            && number >= 0 && number <= most)
        {
            return number;
        }

        result.AddError(Text($"{name} {text}: expected a number from 0 to {most}"));
        return null;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>A generator's progress as a stretch of that of all pictures.</summary>
    private sealed class Steps(IProgress<double> progress, double start, double share) : IProgress<MaskGeneratorProgress>
    {
        public void Report(MaskGeneratorProgress value) => progress.Report(start + share * value.Fraction);
    }
}
