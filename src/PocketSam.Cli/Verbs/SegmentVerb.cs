using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using PocketSam.Cli.Onnx;
using PocketSam.Cli.Pictures;
using PocketSam.Cli.Reports;
using PocketSam.Cli.Words;
using PocketSam.Imaging;
using PocketSam.Imaging.Exports;

namespace PocketSam.Cli.Verbs;

/// <summary><c>segment</c>: finds the masks of objects given by prompts or words.</summary>
internal sealed class SegmentVerb : Verb
{
    private const string MaskExtension = ".png";
    // The relaxed encoder leaves characters that are common in run-length strings unescaped; they need escapes only
    // inside HTML.
    private static readonly SegmentJson Json = new(new JsonSerializerOptions(SegmentJson.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    private readonly Argument<string> _image = new("IMAGE")
    {
        Description = "A JPEG, PNG, WebP, TIFF, GIF, BMP or ICO picture; '-' is standard input",
    };
    private readonly PromptOptions _prompts = new();
    private readonly TextOptions _words = new();
    private readonly Option<string> _model = CommonOptions.Model();
    private readonly Option<int?> _imageSize = CommonOptions.ImageSize();
    private readonly Option<string?> _device = DeviceNames.Option("Compute the image encoder by ONNX Runtime on this (docs/gpu.md)");
    private readonly Option<int?> _maxMegapixels = CommonOptions.MaxMegapixels();

    private readonly Option<string?> _embedding = new("--embedding")
    {
        Description = "The picture's embedding, as 'embed' writes it: the model need not look at the picture again",
        HelpName = "FILE.safetensors",
    };

    private readonly Option<bool?> _multimask = new("--multimask")
    {
        Description = "Offer three masks for each object, or with 'false' one (default: several for a single point, else one)",
        HelpName = "true|false",
    };

    private readonly Option<bool> _zoom = new("--zoom")
    {
        Description = "Look closer at each object: encode a part of the picture around it too; a better mask for the time of another encoding, above all of small things",
    };

    private readonly Option<string?> _maskRule = FastSamArguments.MaskRule();
    private readonly Option<string?> _pointChoice = FastSamArguments.PointChoice();
    private readonly Option<double?> _minRegion = CommonOptions.MinRegion();

    private readonly Option<string?> _output = new("--output")
    {
        Description = "Write the best mask, 255 inside and 0 outside; '-' is standard output; for several objects PATH-1.png, PATH-2.png ...",
        HelpName = "PNG",
    };

    private readonly Option<string?> _overlay = new("--overlay")
    {
        Description = "Draw the best masks over the picture (if nothing else is written: IMAGE.overlay.png here)",
        HelpName = "PNG|JPG",
    };

    private readonly Option<string?> _logits = new("--logits")
    {
        Description = "Write the best mask's logits, to be refined with --mask; numbered as with --output",
        HelpName = "FILE.safetensors",
    };

    public SegmentVerb()
        : base(
            "segment", "Find the masks of objects that points, boxes or words show",
            "segment street.jpg --point 520,310",
            "segment street.jpg --point 520,310 --zoom --model quality",
            "segment street.jpg --box 400,200,700,420 --point 410,210,0 --object --point 90,300 --output mask.png",
            "segment photo.jpg --text person --output person.png",
            "segment street.jpg --mask drawn.png --embedding street.safetensors --output refined.png",
            "segment street.jpg --model FastSAM-s.pt --point 520,310 --point-choice smallest")
        => Accept(
        [
            _image, .. _prompts.Symbols, .. _words.Symbols, _multimask, _zoom, _minRegion, _maskRule, _pointChoice, _model, _imageSize, _device,
            _maxMegapixels, _embedding, _output, _overlay, _logits,
        ]);

    protected override void Declare(ParseResult arguments, RunFiles files)
    {
        IReadOnlyList<string> phrases = _words.Phrases(arguments);
        IReadOnlyList<ObjectRequest> requests = phrases.Count > 0 ? [] : _prompts.Read(arguments);
        int objects = Math.Max(phrases.Count, requests.Count);
        files.Read(arguments.GetRequiredValue(_image), arguments.GetValue(_embedding));
        files.Read(requests.Select(request => request.MaskPath));
        files.ReadModel(arguments.GetRequiredValue(_model));
        files.ReadModel(_words.ModelOf(arguments));
        if (arguments.GetValue(_output) == StandardOutput && objects > 1)
            throw new UsageException("standard output takes one mask, and there are several objects");
        foreach (string path in new[] { arguments.GetValue(_output), arguments.GetValue(_logits) }.OfType<string>())
            files.Write(Enumerable.Range(0, objects).Select(i => OutputPath.Numbered(path, i, objects)));
        files.Write(OverlayOf(arguments));
    }

    /// <summary>Path of the overlay; a default name if nothing else is written.</summary>
    private string? OverlayOf(ParseResult arguments)
        => arguments.GetValue(_overlay) is null && arguments.GetValue(_output) is null && arguments.GetValue(_logits) is null
            && !WantsJson(arguments)
            ? PictureInput.StemOf(arguments.GetRequiredValue(_image)) + ".overlay.png" : arguments.GetValue(_overlay);

    protected override void Execute(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        if (_words.Phrases(arguments) is { Count: > 0 } phrases)
        {
            ExecuteText(phrases, arguments, terminal, cancellation);
            return;
        }

        string path = arguments.GetRequiredValue(_image);
        IReadOnlyList<ObjectRequest> requests = _prompts.Read(arguments);
        string? embedding = arguments.GetValue(_embedding);
        int? imageSize = arguments.GetValue(_imageSize);
        if (embedding is not null && imageSize is not null)
            throw new UsageException($"{_imageSize.Name} and {_embedding.Name}: an embedding has its own input size");
        string? output = arguments.GetValue(_output), logits = arguments.GetValue(_logits);
        string? overlay = OverlayOf(arguments);
        Require(output, MaskExtension);
        Require(overlay, [.. ImageFile.WrittenExtensions]);
        if (logits == StandardOutput)
            throw new UsageException($"{_logits.Name} writes a file");
        Require(logits);

        string model = arguments.GetRequiredValue(_model);
        if (FastSamArguments.Are(model))
        {
            FastSamArguments.Refuse(arguments, "FastSAM", _embedding, _multimask, _logits, _zoom, _device);
            Select(arguments, model, requests, overlay, terminal, cancellation);
            return;
        }

        FastSamArguments.Refuse(arguments, "this model, which is not FastSAM", _maskRule, _pointChoice);

        // With an embedding and without an overlay the picture's pixels are not needed.
        var clock = Stopwatch.StartNew();
        RgbImage? image = embedding is null || overlay is not null || arguments.GetValue(_zoom)
            ? PictureInput.Read(
                path, terminal, CommonOptions.Reading(arguments.GetValue(_maxMegapixels)) with { Notice = terminal.Error.WriteLine }, cancellation)
            : null;
        (int width, int height) = image is null ? PictureInput.ReadSize(path, terminal) : (image.Width, image.Height);
        Prompt[] prompts = [.. requests.Select(request => request.ToPrompt(width, height))];
        double decodeImage = Lap(clock, cancellation);
        using DeviceModel loaded = DeviceModel.Load(model, arguments.GetValue(_device), arguments.GetValue(_imageSize), cancellation);
        Sam sam = loaded.Sam;
        double load = Lap(clock, cancellation);
        using ImageEmbedding photo = embedding is null
            ? sam.Encode(image!, imageSize, cancellation)
            : ImageEmbedding.Load(embedding, width, height);
        double encode = Lap(clock, cancellation);
        bool? multimask = arguments.GetValue(_multimask);
        IReadOnlyList<Prediction> found = arguments.GetValue(_zoom)
            ? terminal.WithProgress("looking closer", progress => sam.PredictZoomed(image!, photo, prompts, multimask, progress, cancellation))
            : sam.Predict(photo, prompts, multimask, cancellation);
        if (arguments.GetValue(_minRegion) is { } share)
            found = [.. found.Select(answer => answer.RemoveSmallRegions(share))];
        double decode = Lap(clock, cancellation);

        Mask[] best = [.. found.Select(answer => answer.Best)];
        TextWriter text = TextOf(terminal);
        for (int i = 0; i < best.Length; i++)
            text.WriteLine(Describe(i + 1, MaskReport.Of(best[i])));
        text.WriteLine($"by {sam.Name} ({sam.Config.Name} at {photo.Geometry.InputSize})");
        for (int i = 0; i < best.Length; i++)
        {
            WriteMask(output, i, [.. best.Select(mask => mask.Bits)], text, terminal);
            WriteLogits(logits, i, best, text);
        }

        if (overlay is not null)
            WriteOverlay(overlay, image!, [.. best.Select(mask => mask.Bits)], requests, text, terminal);

        WriteJson(
            arguments, terminal,
            new SegmentReport(
                new ImageReport(PictureInput.NameOf(path), width, height),
                ModelReport.Of(sam, photo.Geometry.InputSize),
                [.. requests.Zip(found, (request, answer)
                    => new ObjectReport(
                        request.ToReport(), Enumerable.Range(0, answer.Masks.Count).First(i => answer.Masks[i] == answer.Best),
                        [.. answer.Masks.Select(MaskReport.Of)]))],
                new SegmentTimings(load, decodeImage, encode, decode)),
            Json.SegmentReport);
    }

    /// <summary>Segments with FastSAM, which finds all masks first; the prompts then select among them.</summary>
    private void Select(
        ParseResult arguments, string model, IReadOnlyList<ObjectRequest> requests, string? overlay, Terminal terminal,
        CancellationToken cancellation)
    {
        string path = arguments.GetRequiredValue(_image);
        var clock = Stopwatch.StartNew();
        RgbImage image = PictureInput.Read(
            path, terminal, CommonOptions.Reading(arguments.GetValue(_maxMegapixels)) with { Notice = terminal.Error.WriteLine }, cancellation);
        Prompt[] prompts = [.. requests.Select(request => request.ToPrompt(image.Width, image.Height))];
        double decodeImage = Lap(clock, cancellation);
        FastSam fast = FastSam.Load(model);
        var byDefault = new FastSamOptions();
        FastSamOptions options = byDefault with
        {
            ImageSize = arguments.GetValue(_imageSize) ?? byDefault.ImageSize,
            MaskRule = FastSamArguments.RuleOf(arguments.GetValue(_maskRule)),
        };
        double load = Lap(clock, cancellation);
        FastSamResult found = fast.Segment(image, options, cancellation: cancellation);
        double encode = Lap(clock, cancellation);
        PointChoice choice = FastSamArguments.ChoiceOf(arguments.GetValue(_pointChoice));
        GeneratedMask?[] selected = [.. prompts.Select(prompt => found.Select(prompt, choice))];
        double share = arguments.GetValue(_minRegion) ?? 0;
        Rle[] runs =
        [
            .. selected.Select(mask => mask?.Segmentation.RemoveSmallRegions(share)
                ?? Rle.FromCounts([image.Width * image.Height], image.Height, image.Width)),
        ];
        MaskReport?[] reports =
        [
            .. selected.Select((mask, i) => mask is null
                ? null : MaskReport.Of(mask with { Segmentation = runs[i], Area = runs[i].Area, Box = runs[i].Bounds })),
        ];
        double decode = Lap(clock, cancellation);

        TextWriter text = TextOf(terminal);
        for (int i = 0; i < runs.Length; i++)
        {
            text.WriteLine(reports[i] is { } report
                ? Describe(i + 1, report) : $"object {i + 1}: none of the {found.Masks.Count} masks that were found fits; its mask is empty");
        }

        text.WriteLine($"by {fast.Name} ({fast.Architecture} at {options.ImageSize})");
        BinaryMask[] bits = [.. runs.Select(mask => mask.ToMask())];
        for (int i = 0; i < bits.Length; i++)
            WriteMask(arguments.GetValue(_output), i, bits, text, terminal);
        if (overlay is not null)
            WriteOverlay(overlay, image, bits, requests, text, terminal);
        WriteJson(
            arguments, terminal,
            new SegmentReport(
                new ImageReport(PictureInput.NameOf(path), image.Width, image.Height), ModelReport.Of(fast, options.ImageSize),
                [.. requests.Zip(reports, (request, mask) => new ObjectReport(request.ToReport(), mask is null ? -1 : 0, mask is null ? [] : [mask]))],
                new SegmentTimings(load, decodeImage, encode, decode)),
            Json.SegmentReport);
    }

    private static void WriteOverlay(
        string overlay, RgbImage image, BinaryMask[] masks, IReadOnlyList<ObjectRequest> requests, TextWriter text, Terminal terminal)
    {
        Overlay.Paint(image, masks, Marks(requests));
        PictureOutput.Write(overlay, image, terminal);
        text.WriteLine($"wrote {overlay}");
    }

    /// <summary>Finds the most certain mask of each phrase; none for a phrase that matches nothing.</summary>
    private void ExecuteText(IReadOnlyList<string> phrases, ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        if (_prompts.Any(arguments) || arguments.GetValue(_multimask) is not null || arguments.GetValue(_embedding) is not null
            || arguments.GetValue(_logits) is not null || arguments.GetValue(_zoom))
        {
            throw new UsageException($"--text goes without points, boxes, masks, {_multimask.Name}, {_zoom.Name}, {_embedding.Name} and {_logits.Name}");
        }

        string path = arguments.GetRequiredValue(_image);
        string? output = arguments.GetValue(_output), overlay = OverlayOf(arguments);
        Require(output, MaskExtension);
        Require(overlay, [.. ImageFile.WrittenExtensions]);
        using DeviceModel loaded = DeviceModel.Load(
            arguments.GetRequiredValue(_model), arguments.GetValue(_device), arguments.GetValue(_imageSize), cancellation);
        Sam sam = loaded.Sam;
        ITextGrounder grounder = _words.Grounder(arguments, sam, WordGrounder.MasksFor(sam.Config));
        RgbImage image = PictureInput.Read(
            path, terminal, CommonOptions.Reading(arguments.GetValue(_maxMegapixels)) with { Notice = terminal.Error.WriteLine }, cancellation);
        using ImageEmbedding photo = sam.Encode(image, arguments.GetValue(_imageSize), cancellation);
        IReadOnlyList<GroundedMask> found = terminal.WithProgress(
            "looking", progress => grounder.Ground(image, photo, phrases, progress, cancellation));
        if (arguments.GetValue(_minRegion) is { } share)
            found = [.. found.Select(answer => answer.RemoveSmallRegions(share))];

        TextWriter text = TextOf(terminal);
        GroundedMask?[] best = [.. phrases.Select(phrase => found.FirstOrDefault(answer => answer.Phrase == phrase))];
        for (int i = 0; i < best.Length; i++)
        {
            string name = EscapingWriter.OneLine(phrases[i]);
            text.WriteLine(best[i] is { } answer
                ? $"{name}: {Describe(answer)}" + (found.Count(other => other.Phrase == phrases[i]) is > 1 and int all ? $"; the surest of {all}" : "")
                : $"{name}: nothing found");
            if (best[i] is not { } mask || output is null)
                continue;
            if (output == StandardOutput)
            {
                terminal.WriteBytes(stream => stream.Write(MaskPicture.Encode(mask.Mask.Segmentation).Span));
                continue;
            }

            string target = OutputPath.Numbered(output, i, phrases.Count);
            ImageFile.WriteMask(target, mask.Mask.Segmentation.ToMask());
            text.WriteLine($"wrote {target}");
        }

        text.WriteLine($"masks by {sam.Name} ({sam.Config.Name} at {photo.Geometry.InputSize}), words by {grounder.Name}");
        if (overlay is not null)
        {
            Overlay.PaintEncoded(image, [.. best.OfType<GroundedMask>().Select(answer => answer.Mask.Segmentation)]);
            PictureOutput.Write(overlay, image, terminal);
            text.WriteLine($"wrote {overlay}");
        }

        WriteJson(
            arguments, terminal, TextReport.Of(PictureInput.NameOf(path), image, sam, photo.Geometry.InputSize, grounder, phrases, found),
            TextJson.Default.TextReport);
    }

    private static string Describe(GroundedMask found)
    {
        PixelBox box = found.Mask.Box;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{found.Score:0.000} sure, {found.Mask.Area} pixels in {box.X},{box.Y},{box.Right},{box.Bottom}, "
            + $"predicted IoU {found.Mask.PredictedIou:0.000}, stability {found.Mask.StabilityScore:0.000}");
    }

    private static void Require(string? path, params ReadOnlySpan<string> extensions)
    {
        if (path is not (null or StandardOutput))
            OutputPath.Require(path, extensions);
    }

    private static double Lap(Stopwatch clock, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        double elapsed = Math.Round(clock.Elapsed.TotalMilliseconds, 2);
        clock.Restart();
        return elapsed;
    }

    private static string Describe(int number, MaskReport mask)
    {
        int[] box = mask.Bbox;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"object {number}: {mask.Area} pixels in {box[0]},{box[1]},{box[0] + box[2]},{box[1] + box[3]}, "
            + $"predicted IoU {mask.PredictedIou:0.000}, stability {mask.StabilityScore:0.000}");
    }

    private static OverlayOptions Marks(IReadOnlyList<ObjectRequest> requests) => new()
    {
        Points = [.. requests.SelectMany(r => r.Points).Select(p => new PointMark(p.X, p.Y, p.IsForeground))],
        Boxes = [.. requests.Select(r => r.Box).OfType<PromptBox>()
            .Select(b => new BoxMark(b.Left, b.Top, b.Right, b.Bottom))],
    };

    private static void WriteMask(string? path, int index, BinaryMask[] masks, TextWriter text, Terminal terminal)
    {
        if (path is null)
            return;
        if (path == StandardOutput)
        {
            terminal.WriteBytes(stream => stream.Write(MaskPicture.Encode(Rle.Encode(masks[index])).Span));
            return;
        }

        path = OutputPath.Numbered(path, index, masks.Length);
        ImageFile.WriteMask(path, masks[index]);
        text.WriteLine($"wrote {path}");
    }

    private static void WriteLogits(string? path, int index, Mask[] masks, TextWriter text)
    {
        if (path is null)
            return;
        path = OutputPath.Numbered(path, index, masks.Length);
        MaskLogits logits = masks[index].Logits;
        Safetensors.Write(
            path,
            [new(ObjectRequest.LogitsTensor, StoredTensor.FromFloats(logits.Values, [logits.Side, logits.Side]))]);
        text.WriteLine($"wrote {path}");
    }
}
