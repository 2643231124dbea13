using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using PocketSam.Cli.Onnx;
using PocketSam.Cli.Pictures;
using PocketSam.Cli.Reports;
using PocketSam.Imaging;
using PocketSam.Imaging.Exports;

namespace PocketSam.Cli.Verbs;

/// <summary><c>segment</c>: the masks of the objects that are pointed at.</summary>
internal sealed class SegmentVerb : Verb
{
    private const string MaskExtension = ".png";
    // Run-length strings are full of characters that JSON allows and that are escaped for HTML's sake only.
    private static readonly SegmentJson Json = new(new JsonSerializerOptions(SegmentJson.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    private readonly Argument<string> _image = new("IMAGE")
    {
        Description = "A JPEG, PNG, WebP, TIFF, GIF, BMP or ICO picture; '-' is standard input",
    };
    private readonly PromptOptions _prompts = new();
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
            "segment", "Find the masks of objects that points or boxes show",
            "segment street.jpg --point 520,310",
            "segment street.jpg --box 400,200,700,420 --point 410,210,0 --object --point 90,300 --output mask.png",
            "segment street.jpg --mask drawn.png --embedding street.safetensors --output refined.png")
        => Accept(
            [_image, .. _prompts.Symbols, _multimask, _minRegion, _model, _imageSize, _device, _maxMegapixels, _embedding, _output, _overlay, _logits]);

    protected override void Declare(ParseResult arguments, RunFiles files)
    {
        IReadOnlyList<ObjectRequest> requests = _prompts.Read(arguments);
        files.Read(arguments.GetRequiredValue(_image), arguments.GetValue(_embedding));
        files.Read(requests.Select(request => request.MaskPath));
        files.ReadModel(arguments.GetRequiredValue(_model));
        if (arguments.GetValue(_output) == StandardOutput && requests.Count > 1)
            throw new UsageException("standard output takes one mask, and there are several objects");
        foreach (string path in new[] { arguments.GetValue(_output), arguments.GetValue(_logits) }.OfType<string>())
            files.Write(requests.Select((_, i) => OutputPath.Numbered(path, i, requests.Count)));
        files.Write(OverlayOf(arguments));
    }

    /// <summary>Where the overlay goes: somewhere, if nothing else is written.</summary>
    private string? OverlayOf(ParseResult arguments)
        => arguments.GetValue(_overlay) is null && arguments.GetValue(_output) is null && arguments.GetValue(_logits) is null
            && !WantsJson(arguments)
            ? PictureInput.StemOf(arguments.GetRequiredValue(_image)) + ".overlay.png" : arguments.GetValue(_overlay);

    protected override void Execute(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
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

        // Who has the embedding and wants no overlay needs none of the picture's pixels.
        var clock = Stopwatch.StartNew();
        RgbImage? image = embedding is null || overlay is not null
            ? PictureInput.Read(
                path, terminal, CommonOptions.Reading(arguments.GetValue(_maxMegapixels)) with { Notice = terminal.Error.WriteLine }, cancellation)
            : null;
        (int width, int height) = image is null ? PictureInput.ReadSize(path, terminal) : (image.Width, image.Height);
        Prompt[] prompts = [.. requests.Select(request => request.ToPrompt(width, height))];
        double decodeImage = Lap(clock, cancellation);
        using DeviceModel model = DeviceModel.Load(
            arguments.GetRequiredValue(_model), arguments.GetValue(_device), arguments.GetValue(_imageSize), cancellation);
        Sam sam = model.Sam;
        double load = Lap(clock, cancellation);
        using ImageEmbedding photo = embedding is null
            ? sam.Encode(image!, imageSize, cancellation)
            : ImageEmbedding.Load(embedding, width, height);
        double encode = Lap(clock, cancellation);
        IReadOnlyList<Prediction> found
            = sam.Predict(photo, prompts, arguments.GetValue(_multimask), cancellation);
        if (arguments.GetValue(_minRegion) is { } share)
            found = [.. found.Select(answer => answer.RemoveSmallRegions(share))];
        double decode = Lap(clock, cancellation);

        Mask[] best = [.. found.Select(answer => answer.Best)];
        TextWriter text = TextOf(terminal);
        for (int i = 0; i < best.Length; i++)
            text.WriteLine(Describe(i + 1, best[i]));
        text.WriteLine($"by {sam.Name} ({sam.Config.Name} at {photo.Geometry.InputSize})");
        for (int i = 0; i < best.Length; i++)
        {
            WriteMask(output, i, best, text, terminal);
            WriteLogits(logits, i, best, text);
        }

        if (overlay is not null)
        {
            Overlay.Paint(image!, [.. best.Select(mask => mask.Bits)], Marks(requests));
            if (overlay == StandardOutput)
                terminal.WriteBytes(stream => stream.Write(ImageFile.EncodePng(image!)));
            else
                ImageFile.Write(overlay, image!);
            text.WriteLine($"wrote {overlay}");
        }

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

    private static string Describe(int number, Mask mask)
    {
        PixelBox box = mask.Box;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"object {number}: {mask.Area} pixels in {box.X},{box.Y},{box.Right},{box.Bottom}, "
            + $"predicted IoU {mask.PredictedIou:0.000}, stability {mask.StabilityScore:0.000}");
    }

    private static OverlayOptions Marks(IReadOnlyList<ObjectRequest> requests) => new()
    {
        Points = [.. requests.SelectMany(r => r.Points).Select(p => new PointMark(p.X, p.Y, p.IsForeground))],
        Boxes = [.. requests.Select(r => r.Box).OfType<PromptBox>()
            .Select(b => new BoxMark(b.Left, b.Top, b.Right, b.Bottom))],
    };

    private static void WriteMask(string? path, int index, Mask[] masks, TextWriter text, Terminal terminal)
    {
        if (path is null)
            return;
        if (path == StandardOutput)
        {
            terminal.WriteBytes(stream => stream.Write(MaskPicture.Encode(Rle.Encode(masks[index].Bits)).Span));
            return;
        }

        path = OutputPath.Numbered(path, index, masks.Length);
        ImageFile.WriteMask(path, masks[index].Bits);
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
