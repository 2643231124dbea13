using System.CommandLine;
using System.Globalization;
using PocketSam.Cli.Onnx;
using PocketSam.Cli.Reports;
using PocketSam.Onnx;
using PocketSam.OnnxRuntime;

namespace PocketSam.Cli.Verbs;

/// <summary><c>export</c>: writes a model as ONNX files, verified if ONNX Runtime is available.</summary>
internal sealed class ExportVerb : Verb
{
    /// <summary>
    /// Least accepted IoU of a mask with that of the floating-point model, for half-precision and 8-bit weights.
    /// </summary>
    private const double LeastHalfIou = 0.95, LeastIntegerIou = 0.5;

    private static readonly Dictionary<string, OnnxLayout> Layouts = new()
    {
        ["sam"] = OnnxLayout.Sam, ["samexporter"] = OnnxLayout.SamExporter, ["transformers"] = OnnxLayout.Transformers,
    };

    private static readonly Dictionary<string, OnnxPrecision> Precisions = new()
    {
        ["float32"] = OnnxPrecision.Float32, ["float16"] = OnnxPrecision.Float16, ["int8"] = OnnxPrecision.Int8,
    };

    private readonly Option<string> _model = CommonOptions.Model();

    private readonly Option<string> _output = new("--output")
    {
        Description = "The folder to write to; it is made where it is not there", HelpName = "DIR", Required = true,
    };

    private readonly Option<string> _layout = new("--layout")
    {
        Description = "Whose names and shapes the files have: sam for segment-anything's own export, which CVAT, Label Studio and most programs read; "
            + "samexporter for AnyLabeling and X-AnyLabeling; transformers for transformers.js",
        HelpName = string.Join('|', Layouts.Keys),
        DefaultValueFactory = _ => "sam",
    };

    private readonly Option<string> _type = new("--dtype")
    {
        Description = "How weights are stored; they are computed with as floats. int8 takes a model that 'quantize' wrote",
        HelpName = string.Join('|', Precisions.Keys),
        DefaultValueFactory = _ => "float32",
    };

    private readonly Option<int?> _imageSize = CommonOptions.ImageSize();

    private readonly Option<bool> _single = new("--single-mask") { Description = "The decoder gives one mask, chosen as the model does, not all" };

    private readonly Option<bool> _low = new("--low-res")
    {
        Description = "The decoder ends at masks of a quarter of the input and takes no orig_im_size, for OpenCV and TensorRT",
    };

    private readonly Option<bool> _unverified = new("--no-verify") { Description = "Do not run the files" };

    public ExportVerb()
        : base(
            "export", "Write a model as ONNX, and verify what was written", "export --output exported",
            "export --model mobile_sam.pt --output anylabeling --layout samexporter",
            "export --model quality --output web --dtype float16 --low-res")
    {
        _layout.AcceptOnlyFromAmong([.. Layouts.Keys]);
        _type.AcceptOnlyFromAmong([.. Precisions.Keys]);
        Accept(_model, _output, _layout, _type, _imageSize, _single, _low, _unverified);
    }

    protected override void Declare(ParseResult arguments, RunFiles files)
    {
        files.ReadModel(arguments.GetRequiredValue(_model));
        files.Write(OnnxExporter.FilesOf(arguments.GetRequiredValue(_output), Layouts[arguments.GetRequiredValue(_layout)]));
    }

    protected override void Execute(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        string output = arguments.GetRequiredValue(_output), model = arguments.GetRequiredValue(_model);
        OutputPath.RequireFolder(output);
        var options = new OnnxExportOptions
        {
            Layout = Layouts[arguments.GetRequiredValue(_layout)],
            Precision = Precisions[arguments.GetRequiredValue(_type)],
            ImageSize = arguments.GetValue(_imageSize),
            SingleMask = arguments.GetValue(_single) ? true : null,
            LowResolution = arguments.GetValue(_low),
        };
        Sam sam = Sam.Load(model);
        OutputPath.CreateFolder(output);
        OnnxPair pair = terminal.WithProgress(
            "exporting", progress => OnnxExporter.Export(sam, output, options, progress, cancellation));
        WrittenFile[] files = [.. pair.Files.Select(path => new WrittenFile(path, new FileInfo(path).Length))];
        TextWriter text = TextOf(terminal);
        text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"input size    {pair.ImageSize}"));
        foreach (WrittenFile file in files)
            text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"wrote         {file.Path}, {file.Bytes / 1e6:0.00} MB"));

        VerificationReport? verification = null;
        if (arguments.GetValue(_unverified))
            text.WriteLine("not verified");
        else if (!OnnxSam.IsAvailable)
            text.WriteLine("not verified  ONNX Runtime is not here (docs/gpu.md says how to get it)");
        else
            verification = Verification.Run(sam, pair.Encoder, pair.Decoder, OnnxDevice.Cpu, Verification.Scenes, LeastIou(options.Precision), text, terminal, cancellation);
        WriteJson(
            arguments, terminal,
            new ExportReport(model, arguments.GetRequiredValue(_layout), arguments.GetRequiredValue(_type), pair.ImageSize, files, verification),
            ExportJson.Default.ExportReport);
        if (verification is { Passes: false })
            throw new IOException($"{pair.Encoder}: does not compute what {model} does; do not use it, and please report it");
    }

    private static double? LeastIou(OnnxPrecision precision) => precision switch
    {
        OnnxPrecision.Float16 => LeastHalfIou,
        OnnxPrecision.Int8 => LeastIntegerIou,
        _ => null,
    };
}
