using System.CommandLine;
using PocketSam.Cli.Onnx;
using PocketSam.Cli.Reports;
using PocketSam.Imaging;
using PocketSam.OnnxRuntime;

namespace PocketSam.Cli.Verbs;

/// <summary><c>verify</c>: checks whether a pair of ONNX files computes what a model does.</summary>
internal sealed class VerifyVerb : Verb
{
    private readonly Argument<string> _encoder = new("ENCODER") { Description = "File of the image encoder, ours or anybody's of SAM's family" };

    private readonly Argument<string> _decoder = new("DECODER") { Description = "File of its mask decoder" };

    private readonly Option<string[]> _images = new("--image")
    {
        Description = "A picture to look at; may be repeated (default: generated scenes, landscape and portrait)", HelpName = "FILE",
    };

    private readonly Option<string> _model = CommonOptions.Model();
    private readonly Option<string?> _device = DeviceNames.Option("What ONNX Runtime computes on (default: cpu)");

    private readonly Option<double?> _least = CommonOptions.Share(
        "--mask-iou", "Require only this IoU of each mask with its counterpart, for weights of fewer bits, for instance 0.95");

    public VerifyVerb()
        : base(
            "verify", "Compare a pair of ONNX files with a model: embeddings, logits, masks and times",
            "verify exported/encoder.onnx exported/decoder.onnx",
            "verify mobile_sam.encoder.onnx mobile_sam.decoder.onnx --model mobile_sam --image street.jpg",
            "verify half/encoder.onnx half/decoder.onnx --mask-iou 0.95 --device cuda")
        => Accept(_encoder, _decoder, _model, _images, _device, _least);

    protected override void Declare(ParseResult arguments, RunFiles files)
    {
        files.ReadModel(arguments.GetRequiredValue(_model));
        files.Read([arguments.GetRequiredValue(_encoder), arguments.GetRequiredValue(_decoder), .. arguments.GetValue(_images) ?? []]);
    }

    protected override void Execute(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        string encoder = arguments.GetRequiredValue(_encoder), decoder = arguments.GetRequiredValue(_decoder), model = arguments.GetRequiredValue(_model);
        RgbImage[] given = [.. (arguments.GetValue(_images) ?? []).Select(path => ImageFile.Read(path))];
        Sam sam = Sam.Load(model);
        OnnxDevice device = arguments.GetValue(_device) is { } name ? DeviceNames.Find(name) : OnnxDevice.Cpu;
        VerificationReport report = Verification.Run(
            sam, encoder, decoder, device, given.Length > 0 ? given : Verification.Scenes, arguments.GetValue(_least), TextOf(terminal), terminal,
            cancellation);
        WriteJson(arguments, terminal, report, ExportJson.Default.VerificationReport);
        if (!report.Passes)
            throw new IOException($"{encoder}: does not compute what {model} does");
    }
}
