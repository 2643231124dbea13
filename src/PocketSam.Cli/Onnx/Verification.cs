using System.Globalization;
using PocketSam.Cli.Reports;
using PocketSam.OnnxRuntime;
using PocketSam.Training.Data.Scenes;

namespace PocketSam.Cli.Onnx;

/// <summary>Compares ONNX files with the model as the library computes it, and prints the differences.</summary>
internal static class Verification
{
    /// <summary>Sizes in pixels of the generated pictures: landscape and portrait, with odd sides.</summary>
    private static readonly (int Width, int Height)[] Sizes = [(641, 427), (300, 701)];

    /// <summary>Generated pictures for when none are given.</summary>
    public static IReadOnlyList<RgbImage> Scenes =>
    [
        .. Sizes.Select((size, i) => new SceneGenerator(new SceneOptions { Width = size.Width, Height = size.Height }).Draw((ulong)i).Image),
    ];

    /// <summary>Runs the comparison and prints the figures.</summary>
    /// <param name="sam">The model; it is computed in floating point, as the files are.</param>
    /// <param name="encoder">Path of the image encoder.</param>
    /// <param name="decoder">Path of the mask decoder.</param>
    /// <param name="device">The device of ONNX Runtime.</param>
    /// <param name="pictures">The pictures to compare on.</param>
    /// <param name="leastMaskIou">
    /// Least accepted IoU of a mask with its counterpart; null to require equal numbers within the tolerances.
    /// </param>
    /// <param name="text">Receives the figures.</param>
    /// <param name="terminal">Receives the progress.</param>
    /// <param name="cancellation">Checked between prompts.</param>
    public static VerificationReport Run(
        Sam sam, string encoder, string decoder, OnnxDevice device, IReadOnlyList<RgbImage> pictures, double? leastMaskIou, TextWriter text,
        Terminal terminal, CancellationToken cancellation)
    {
        using OnnxSam pair = OnnxSam.Load(encoder, decoder, device, ComputeThreads.Count);
        OnnxVerification found = terminal.WithProgress("verifying", progress => OnnxVerifier.Run(
            sam.InFloats(), pair, pictures, new Share(progress, pictures.Count), cancellation));
        bool passes = leastMaskIou is { } least ? found.HasMasksOf(least) : found.IsEqual;
        text.WriteLine(Text($"verified      {found.Masks} masks of {found.Pictures} pictures in ONNX Runtime: {(passes ? "the same" : "different")}"));
        text.WriteLine(Text($"differences   embedding {found.EmbeddingDifference:0.0e+0} of its largest value, logits {found.LogitDifference:0.0e+0}, predicted IoU {found.IouDifference:0.0e+0}"));
        text.WriteLine(Text($"least IoU     {found.LeastMaskIou:0.00000} of a mask with its counterpart"));
        text.WriteLine(Text($"encode        {found.OwnEncodeMs:0.0} ms here, {found.EncodeMs:0.0} ms in ONNX Runtime"));
        text.WriteLine(Text($"prompt        {found.OwnDecodeMs:0.0} ms here, {found.DecodeMs:0.0} ms in ONNX Runtime"));
        return new VerificationReport(
            encoder, decoder, found.Pictures, found.Masks, found.EmbeddingDifference, found.LogitDifference, found.IouDifference,
            found.LeastMaskIou, passes, new BeforeAndAfter(found.OwnEncodeMs, found.EncodeMs), new BeforeAndAfter(found.OwnDecodeMs, found.DecodeMs));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed class Share(IProgress<double> progress, int count) : IProgress<int>
    {
        public void Report(int value) => progress.Report((double)value / count);
    }
}
