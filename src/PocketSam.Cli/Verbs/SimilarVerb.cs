using System.CommandLine;
using System.Globalization;
using PocketSam.Cli.Onnx;
using PocketSam.Cli.Pictures;
using PocketSam.Cli.Reports;
using PocketSam.Imaging;

namespace PocketSam.Cli.Verbs;

/// <summary><c>similar</c>: finds and counts objects like the ones that prompts show.</summary>
internal sealed class SimilarVerb : Verb
{
    private const string OverlayExtension = ".png";

    private readonly Argument<string> _image = new("IMAGE") { Description = "The picture of the examples; '-' is standard input" };
    private readonly PromptOptions _prompts = new();

    private readonly Option<string?> _in = new("--in")
    {
        Description = "Where to look: another picture, a folder of pictures, or a COCO file (default: the rest of IMAGE)",
        HelpName = "IMAGE|DIR|FILE.json",
    };

    private readonly Option<double?> _threshold = CommonOptions.Share(
        "--threshold", FormattableString.Invariant($"How alike objects must be (default: {SimilarObjects.DefaultThreshold}); 0 takes all"));

    private readonly Option<int?> _pointsPerSide = CommonOptions.Number(
        "--points-per-side", "Points along each side of the grid", least: 1, byDefault: 32, most: 256);

    private readonly Option<string?> _label = new("--label") { Description = "What the objects are called in --output", HelpName = "NAME" };

    private readonly Option<string?> _output = new("--output")
    {
        Description = "Write the masks of all pictures as one COCO file, examples included", HelpName = "FILE.json",
    };

    private readonly Option<string?> _counts = new("--counts")
    {
        Description = "Write how many objects each picture has, as a table", HelpName = "FILE.csv",
    };

    private readonly Option<string?> _overlay = new("--overlay")
    {
        Description = "Draw the masks over the picture (if nothing else is written: IMAGE.similar.png here); of several pictures a folder",
        HelpName = "PNG|DIR",
    };

    private readonly Option<bool> _recursive = new("--recursive") { Description = "Look for pictures in the folders of a folder too" };
    private readonly Option<string> _model = CommonOptions.Model();
    private readonly Option<int?> _imageSize = CommonOptions.ImageSize();
    private readonly Option<string?> _device = DeviceNames.Option("Compute the image encoder by ONNX Runtime on this (docs/gpu.md)");
    private readonly Option<int?> _maxMegapixels = CommonOptions.MaxMegapixels();
    private readonly Option<string?> _images = DataSetOptions.Images();

    public SimilarVerb()
        : base(
            "similar", "Find and count more objects like one or a few",
            "similar cells.png --point 120,80",
            "similar cells.png --box 100,60,140,95 --object --point 200,40 --threshold 0.4 --overlay counted.png",
            "similar first.jpg --point 300,200 --in photos --counts panels.csv --output panels.json --label panel")
        => Accept(
        [
            _image, .. _prompts.Symbols, _in, _threshold, _pointsPerSide, _label, _output, _counts, _overlay, _recursive, _model, _imageSize,
            _device, _maxMegapixels, _images,
        ]);

    protected override void Declare(ParseResult arguments, RunFiles files)
    {
        files.Read(arguments.GetRequiredValue(_image), arguments.GetValue(_in));
        files.Read(_prompts.Read(arguments).Select(request => request.MaskPath));
        files.ReadModel(arguments.GetRequiredValue(_model));
        files.Write(arguments.GetValue(_output), arguments.GetValue(_counts));
        if (!IsCollection(arguments))
            files.Write(OverlayOf(arguments));
    }

    protected override void Execute(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        string path = arguments.GetRequiredValue(_image);
        string? output = arguments.GetValue(_output), counts = arguments.GetValue(_counts), overlay = OverlayOf(arguments);
        IReadOnlyList<PictureJob> jobs = Require(arguments, output, counts, overlay);
        ImageReadOptions reading = CommonOptions.Reading(arguments.GetValue(_maxMegapixels)) with { Notice = terminal.Error.WriteLine };
        RgbImage image = PictureInput.Read(path, terminal, reading, cancellation);
        Prompt[] prompts = [.. _prompts.Read(arguments).Select(request => request.ToPrompt(image.Width, image.Height))];
        using DeviceModel loaded = DeviceModel.Load(
            arguments.GetRequiredValue(_model), arguments.GetValue(_device), arguments.GetValue(_imageSize), cancellation);
        Sam sam = loaded.Sam;
        Rle[] examples;
        MaskReport[] exampleReports;
        using (ImageEmbedding photo = sam.Encode(image, arguments.GetValue(_imageSize), cancellation))
        {
            Mask[] best = [.. sam.Predict(photo, prompts, null, cancellation).Select(answer => answer.Best)];
            examples = [.. best.Select(mask => mask.ToRle())];
            exampleReports = [.. best.Select(MaskReport.Of)];
        }

        if (Array.FindIndex(examples, mask => mask.Area == 0) is >= 0 and int empty)
            throw new PromptException($"object {empty + 1}: its mask is empty, so there is nothing to find others like");
        MaskGeneratorOptions asking = MaskGeneratorOptions.For(sam.Config);
        var similar = new SimilarObjects(
            sam, [.. examples.Select(mask => new SimilarExample(image, mask))], arguments.GetValue(_imageSize),
            asking with { PointsPerSide = arguments.GetValue(_pointsPerSide) ?? asking.PointsPerSide }, cancellation);
        float threshold = (float)(arguments.GetValue(_threshold) ?? SimilarObjects.DefaultThreshold);

        TextWriter text = TextOf(terminal);
        var annotated = new List<AnnotatedPicture>();
        bool searchesInput = arguments.GetValue(_in) is null;
        string folder = output is null ? "." : Path.GetDirectoryName(Path.GetFullPath(output))!;
        SimilarPicture[] found = terminal.WithProgress("looking", progress =>
        {
            var pictures = new List<SimilarPicture>();
            if (searchesInput)
                Search(PictureInput.NameOf(path), path, image, examples, overlay, progress);
            for (int i = 0; i < jobs.Count; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                RgbImage picture = ImageFile.Read(jobs[i].Picture, reading, cancellation);
                Search(jobs[i].Name, jobs[i].Picture, picture, [], overlay is null ? null : jobs[i].Target, null);
                progress.Report((i + 1.0) / jobs.Count);
            }

            return pictures.ToArray();

            void Search(string name, string file, RgbImage picture, Rle[] known, string? drawing, IProgress<double>? own)
            {
                IReadOnlyList<SimilarMask> masks = similar.Find(picture, threshold, known, own, cancellation);
                Rle[] all = [.. known, .. masks.Select(mask => mask.Mask.Segmentation)];
                string? label = arguments.GetValue(_label);
                annotated.Add(new AnnotatedPicture(
                    Path.GetRelativePath(folder, file).Replace(Path.DirectorySeparatorChar, '/'), picture.Width, picture.Height,
                    [.. known.Select(mask => new Annotation(mask) { Label = label }), .. masks.Select(mask => mask.Mask.ToAnnotation() with { Label = label })]));
                pictures.Add(new SimilarPicture(
                    new ImageReport(name, picture.Width, picture.Height), masks.Count,
                    [.. masks.Select(mask => new SimilarReportMask(mask.Similarity, MaskReport.Of(mask.Mask)))]));
                if (drawing is null)
                    return;
                if (Path.GetDirectoryName(drawing) is { Length: > 0 } parent && IsCollection(arguments))
                    OutputPath.CreateFolder(parent);
                Overlay.PaintEncoded(picture, all);
                PictureOutput.Write(drawing, picture, terminal);
            }
        });

        int count = found.Sum(picture => picture.Count);
        foreach (SimilarPicture picture in found)
        {
            text.WriteLine(picture.Count == 0 ? $"{picture.Image.Path}: none" : string.Create(
                CultureInfo.InvariantCulture,
                $"{picture.Image.Path}: {picture.Count}, alike {picture.Masks[0].Similarity:0.000} to {picture.Masks[^1].Similarity:0.000}"));
        }

        text.WriteLine($"{count} like {(examples.Length == 1 ? "the example" : $"the {examples.Length} examples")} (at {similar.ImageSize}, by {sam.Name})");
        if (output is not null)
        {
            CocoWriter.Write(output, annotated);
            text.WriteLine($"wrote {output}");
        }

        if (counts is not null)
        {
            WriteCounts(counts, found);
            text.WriteLine($"wrote {counts}");
        }

        if (overlay is not null)
            text.WriteLine($"wrote {overlay}");
        WriteJson(
            arguments, terminal,
            new SimilarReport(
                ModelReport.Of(sam, similar.ImageSize),
                new SimilarExamples(new ImageReport(PictureInput.NameOf(path), image.Width, image.Height), exampleReports),
                Math.Round(threshold, 6), count, found),
            SimilarJson.Default.SimilarReport);
    }

    /// <summary>Checks the outputs, and returns the other pictures to search.</summary>
    private IReadOnlyList<PictureJob> Require(ParseResult arguments, string? output, string? counts, string? overlay)
    {
        if (output is not null)
            OutputPath.Require(output, ".json");
        if (counts is not null)
            OutputPath.Require(counts, ".csv");
        string? input = arguments.GetValue(_in);
        if (input is null || !IsCollection(arguments))
        {
            if (overlay is not (null or StandardOutput))
                OutputPath.Require(overlay, [.. ImageFile.WrittenExtensions]);
            return input is null ? [] : [new PictureJob(Path.GetFileName(input), input, overlay ?? "")];
        }

        if (overlay == StandardOutput)
            throw new UsageException("standard output takes one picture, and there are several");
        if (overlay is not null)
            OutputPath.RequireFolder(overlay);
        PictureSearch search = PictureJobs.Find(
            input, overlay ?? "", name => name + OverlayExtension, arguments.GetValue(_recursive), arguments.GetValue(_images));
        Files.Read(search.Jobs.Select(job => job.Picture));
        if (overlay is not null)
            Files.Write(search.Jobs.Select(job => job.Target));
        return search.Jobs;
    }

    private bool IsCollection(ParseResult arguments) => arguments.GetValue(_in) is { } input && PictureJobs.IsCollection(input);

    /// <summary>Path of the overlay; a default name if nothing else is written.</summary>
    private string? OverlayOf(ParseResult arguments)
        => arguments.GetValue(_overlay) is null && arguments.GetValue(_output) is null && arguments.GetValue(_counts) is null
            && !WantsJson(arguments) && !IsCollection(arguments)
            ? PictureInput.StemOf(arguments.GetValue(_in) ?? arguments.GetRequiredValue(_image)) + ".similar.png" : arguments.GetValue(_overlay);

    private static void WriteCounts(string path, IEnumerable<SimilarPicture> pictures) => AtomicFile.Write(path, stream =>
    {
        using var writer = new StreamWriter(stream, leaveOpen: true);
        writer.Write("picture,count\n");
        foreach (SimilarPicture picture in pictures)
        {
            string name = picture.Image.Path;
            if (name.AsSpan().IndexOfAny(",\"\r\n") >= 0)
                name = $"\"{name.Replace("\"", "\"\"")}\"";
            writer.Write(string.Create(CultureInfo.InvariantCulture, $"{name},{picture.Count}\n"));
        }
    });
}
