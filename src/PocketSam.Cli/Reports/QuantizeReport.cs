using System.Globalization;
using System.Text.Json.Serialization;

namespace PocketSam.Cli.Reports;

/// <summary>What <c>quantize --json</c> writes.</summary>
/// <param name="Input">The file that was read.</param>
/// <param name="Output">The file that was written.</param>
/// <param name="Method">How its scales were found.</param>
/// <param name="BytesRead">Bytes of the one.</param>
/// <param name="BytesWritten">Bytes of the other.</param>
/// <param name="IntegerLayers">Layers whose products are computed with whole numbers.</param>
/// <param name="FloatLayers">Layers that could be and are not.</param>
/// <param name="Instructions">How this machine multiplies whole numbers; null where they are simulated.</param>
/// <param name="EncodeMs">
/// Milliseconds to encode a picture of the model's input size, before and after, medians in turn; null where whole numbers are simulated.
/// </param>
/// <param name="Quality">What it costs, on the data that was given; null without.</param>
internal sealed record QuantizeReport(
    string Input, string Output, string Method, long BytesRead, long BytesWritten, int IntegerLayers,
    IReadOnlyList<string> FloatLayers, string? Instructions, BeforeAndAfter? EncodeMs, QuantizedQuality? Quality)
{
    /// <summary>Bits of weights and of what goes into products.</summary>
    public int Bits { get; init; } = 8;

    /// <summary>Whether what comes out of softmax and GELU has two ranges.</summary>
    public bool HasTwinRanges { get; init; }

    /// <summary>Of a CLIP: how alike the embeddings of pictures are before and after; null of other models.</summary>
    public EmbeddingAgreement? Embeddings { get; init; }

    /// <summary>Layers whose operands are rounded and multiplied as floats.</summary>
    public int SimulatedLayers { get; init; }

    /// <summary>What whole numbers in each layer alone do; null where it was not measured.</summary>
    public IReadOnlyList<SensitiveLayer>? Sensitivity { get; init; }

    /// <summary>The picture of that; null without.</summary>
    public string? Chart { get; init; }

    /// <summary>Says it in words.</summary>
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

/// <summary>A layer and what whole numbers in it alone do.</summary>
/// <param name="Layer">Its key.</param>
/// <param name="Error">Length of the embeddings' difference over that of the embeddings.</param>
internal sealed record SensitiveLayer(string Layer, double Error);

/// <summary>The same figure of two models.</summary>
/// <param name="Before">Of the model that was read.</param>
/// <param name="After">Of the one that was written.</param>
internal sealed record BeforeAndAfter(double Before, double After);

/// <summary>How alike a CLIP's embeddings of the same pictures are before and after.</summary>
/// <param name="Pictures">How many were looked at.</param>
/// <param name="MeanCosine">Mean cosine of the two.</param>
/// <param name="LeastCosine">The least of them.</param>
internal sealed record EmbeddingAgreement(int Pictures, double MeanCosine, double LeastCosine);

/// <summary>What quantisation costs on a data set.</summary>
/// <param name="Data">The data set.</param>
/// <param name="Masks">How many masks were measured.</param>
/// <param name="Box">Mean IoU with marked masks, asked for by box.</param>
/// <param name="Click">The same by one click.</param>
/// <param name="BoxAgreement">Mean IoU between the two models' masks, asked for by box.</param>
/// <param name="ClickAgreement">The same by one click.</param>
internal sealed record QuantizedQuality(
    string Data, int Masks, BeforeAndAfter Box, BeforeAndAfter Click, double? BoxAgreement, double? ClickAgreement);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(QuantizeReport))]
internal sealed partial class QuantizeJson : JsonSerializerContext;
