using System.Globalization;
using System.Text.Json.Serialization;

namespace PocketSam.Cli.Reports;

/// <summary>What <c>quantize --json</c> writes.</summary>
/// <param name="Input">The file that was read.</param>
/// <param name="Output">The file that was written.</param>
/// <param name="Method">The method that finds the scales.</param>
/// <param name="BytesRead">Bytes of the input.</param>
/// <param name="BytesWritten">Bytes of the output.</param>
/// <param name="IntegerLayers">Number of layers that compute with 8-bit integers.</param>
/// <param name="FloatLayers">Layers that could compute with integers and stay in floating point.</param>
/// <param name="Instructions">
/// The instructions with which this machine multiplies integers; null if they are simulated.
/// </param>
/// <param name="EncodeMs">
/// Median milliseconds to encode a picture of the model's input size before and after, measured in turn; null if
/// integers are simulated.
/// </param>
/// <param name="Quality">The loss of quality on the given data; null without data.</param>
internal sealed record QuantizeReport(
    string Input, string Output, string Method, long BytesRead, long BytesWritten, int IntegerLayers,
    IReadOnlyList<string> FloatLayers, string? Instructions, BeforeAndAfter? EncodeMs, QuantizedQuality? Quality)
{
    /// <summary>Bits of weights and of activations.</summary>
    public int Bits { get; init; } = 8;

    /// <summary>
    /// Whether the outputs of softmax and GELU have two ranges each (twin uniform quantisation of PTQ4ViT).
    /// </summary>
    public bool HasTwinRanges { get; init; }

    /// <summary>For a CLIP, the agreement of its picture embeddings before and after; null for other models.</summary>
    public EmbeddingAgreement? Embeddings { get; init; }

    /// <summary>Number of layers whose operands are rounded and multiplied in floating point.</summary>
    public int SimulatedLayers { get; init; }

    /// <summary>The error of each layer alone; null if it was not measured.</summary>
    public IReadOnlyList<SensitiveLayer>? Sensitivity { get; init; }

    /// <summary>Path of the chart of these errors; null without.</summary>
    public string? Chart { get; init; }

    /// <summary>Writes the report as text.</summary>
    public void WriteTo(TextWriter text)
    {
        text.WriteLine(Text($"wrote {Output}: {BytesWritten / 1e6:0.00} MB where {Input} has {BytesRead / 1e6:0.00}"));
        if (Chart is not null)
            text.WriteLine($"wrote {Chart}: the error of each layer");
        if (EncodeMs is null)
        {
            text.WriteLine(Text(
                $"{SimulatedLayers} layers have {Bits} bits, {(HasTwinRanges ? "with two ranges" : "with one range")} after softmax and GELU: simulated, the file's weights are computed with as floats"));
        }
        else
        {
            text.WriteLine(Text($"{IntegerLayers} layers compute with whole numbers ({Instructions}), {FloatLayers.Count} stay floats"));
            if (Sensitivity?.MaxBy(layer => layer.Error) is { } worst)
                text.WriteLine(Text($"most sensitive: {worst.Layer}, which alone changes the embedding by {worst.Error:0.00%}"));
            string what = Embeddings is null ? "encode" : $"{Embeddings.Pictures} pictures";
            text.WriteLine(Text($"{what} {EncodeMs.Before:0.0} ms before, {EncodeMs.After:0.0} ms after: {EncodeMs.Before / EncodeMs.After:0.00} times as fast"));
        }

        if (Embeddings is not null)
            text.WriteLine(Text($"embeddings of {Embeddings.Pictures} made-up pictures: cosine {Embeddings.MeanCosine:0.0000} in the mean, {Embeddings.LeastCosine:0.0000} at least"));
        if (Quality is null)
            return;
        text.WriteLine(Text($"{Quality.Data}, {Quality.Masks} masks: mean IoU by box {Quality.Box.Before:0.0000} before, {Quality.Box.After:0.0000} after"));
        text.WriteLine(Text($"by one click {Quality.Click.Before:0.0000} before, {Quality.Click.After:0.0000} after"));
        text.WriteLine(Text($"masks of the two agree to {Quality.BoxAgreement:0.0000} by box, {Quality.ClickAgreement:0.0000} by one click"));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A layer and its error.</summary>
/// <param name="Layer">Key of the layer.</param>
/// <param name="Error">
/// Norm of the embeddings' difference relative to that of the embeddings, with integers in this layer alone.
/// </param>
internal sealed record SensitiveLayer(string Layer, double Error);

/// <summary>A figure of two models.</summary>
/// <param name="Before">The figure of the model that is read.</param>
/// <param name="After">The figure of the model that is written.</param>
internal sealed record BeforeAndAfter(double Before, double After);

/// <summary>Agreement of a CLIP's picture embeddings before and after quantisation.</summary>
/// <param name="Pictures">Number of pictures.</param>
/// <param name="MeanCosine">Mean cosine similarity.</param>
/// <param name="LeastCosine">Least cosine similarity.</param>
internal sealed record EmbeddingAgreement(int Pictures, double MeanCosine, double LeastCosine);

/// <summary>Loss of quality by quantisation on a data set.</summary>
/// <param name="Data">Path of the data set.</param>
/// <param name="Masks">Number of masks measured.</param>
/// <param name="Box">Mean IoU with the annotated masks, prompted by box.</param>
/// <param name="Click">The same, prompted by one click.</param>
/// <param name="BoxAgreement">Mean IoU between the two models' masks, prompted by box.</param>
/// <param name="ClickAgreement">The same, prompted by one click.</param>
internal sealed record QuantizedQuality(
    string Data, int Masks, BeforeAndAfter Box, BeforeAndAfter Click, double? BoxAgreement, double? ClickAgreement);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(QuantizeReport))]
internal sealed partial class QuantizeJson : JsonSerializerContext;
