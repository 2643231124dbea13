using System.Text.Json;
using System.Text.Json.Serialization;

namespace PocketSam.Cli.Reports;

/// <summary>What <c>info --json</c> writes.</summary>
/// <param name="Model">Name, architecture, size.</param>
/// <param name="Config">All architecture numbers.</param>
/// <param name="Gmac">Thousands of millions of multiply-adds.</param>
/// <param name="Tensors">Tensors in the file.</param>
/// <param name="Bytes">Bytes of all tensors.</param>
/// <param name="Types">How many tensors of each element type.</param>
/// <param name="Missing">Keys of the architecture that the file has not.</param>
/// <param name="Unknown">Keys of the file that the architecture has not.</param>
/// <param name="Misshapen">Keys whose tensor has another shape in the file.</param>
internal sealed record InfoReport(
    ModelReport Model, JsonElement Config, GmacReport Gmac, int Tensors, long Bytes,
    IReadOnlyDictionary<string, int> Types, IReadOnlyList<string> Missing, IReadOnlyList<string> Unknown,
    IReadOnlyList<string> Misshapen);

/// <param name="Encoder">For a picture at the model's input size.</param>
/// <param name="Decoder">For a prompt of one point.</param>
internal sealed record GmacReport(double Encoder, double Decoder);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(InfoReport))]
internal sealed partial class InfoJson : JsonSerializerContext;
