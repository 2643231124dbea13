using System.Text.Json;
using System.Text.Json.Serialization;

namespace PocketSam;

/// <summary>How a checkpoint was quantised, as its metadata says under <see cref="MetadataKey"/>.</summary>
public sealed partial record QuantizationInfo
{
    /// <summary>Where a checkpoint's metadata says it, as JSON.</summary>
    public const string MetadataKey = "pocketsam.quantization";

    private const int CurrentVersion = 1, MaxBits = 8;

    /// <summary>The form of the file: 1.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>What the image encoder's products are computed in.</summary>
    public QuantizedArithmetic Arithmetic { get; init; }

    /// <summary>
    /// How scales were found: <c>dynamic</c> (of each row of what goes into a product, while it runs), <c>weights</c> (weights alone), or
    /// <c>min-max</c>, <c>mse</c> or <c>hessian</c> of a calibration; null in files of before there was a choice.
    /// </summary>
    public string? Method { get; init; }

    /// <summary>Bits of the numbers, 2 to 8; each is stored as 8. Null in files of before there was a choice: 8.</summary>
    public int? Bits { get; init; }

    /// <summary>
    /// Calibrated scales of what goes into products, by key of the layer; of an attention under its key with <c>.query</c>, <c>.key</c>,
    /// <c>.probability</c> and <c>.value</c>. One number, or two where there are two ranges, that of the larger values last. Null without a
    /// calibration.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<float>>? InputScales { get; init; }

    /// <summary>
    /// Keys of layers whose weights are quantised and whose products are computed with floats all the same, because they lose too much.
    /// </summary>
    public IReadOnlyList<string> FloatLayers { get; init; } = [];

    /// <summary>What a checkpoint says; null where it is not quantised.</summary>
    /// <exception cref="CheckpointFormatException">It says what this version cannot read.</exception>
    public static QuantizationInfo? Of(Checkpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        if (!checkpoint.Metadata.TryGetValue(MetadataKey, out string? json))
            return null;
        try
        {
            QuantizationInfo info = JsonSerializer.Deserialize(json, QuantizationJson.Default.QuantizationInfo) ?? throw new JsonException("it is null");
            if (info.Version > CurrentVersion)
                throw new CheckpointFormatException(checkpoint.Source, $"quantised by a newer version (form {info.Version} where {CurrentVersion} is known)");
            return Enum.IsDefined(info.Arithmetic) && info.FloatLayers is not null && info.Bits is null or (>= 2 and <= MaxBits) ? info : throw new JsonException("a value is not known");
        }
        catch (JsonException e)
        {
            throw new CheckpointFormatException(checkpoint.Source, $"{MetadataKey} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Refuses a checkpoint that is quantised: its floats are gone.</summary>
    /// <exception cref="CheckpointFormatException">It is.</exception>
    internal static void RequireFloats(Checkpoint checkpoint)
    {
        if (Of(checkpoint) is not null)
            throw new CheckpointFormatException(checkpoint.Source, "is quantised already; begin with the model that it was made from");
    }

    /// <summary>As the metadata has it.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, QuantizationJson.Default.QuantizationInfo);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonSerializable(typeof(QuantizationInfo))]
    private sealed partial class QuantizationJson : JsonSerializerContext;
}
