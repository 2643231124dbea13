using System.Text.Json;
using System.Text.Json.Serialization;

namespace PocketSam;

/// <summary>How a checkpoint was quantised, from the metadata under <see cref="MetadataKey"/>.</summary>
public sealed partial record QuantizationInfo
{
    /// <summary>The metadata key of the quantisation, whose value is JSON.</summary>
    public const string MetadataKey = "pocketsam.quantization";

    private const int CurrentVersion = 1, MaxBits = 8;

    /// <summary>The version of the metadata: 1.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>The arithmetic of the image encoder's products.</summary>
    public QuantizedArithmetic Arithmetic { get; init; }

    /// <summary>
    /// How the scales were found: <c>dynamic</c> (per row of a product's input, at run time), <c>weights</c> (weights
    /// only), or <c>min-max</c>, <c>mse</c> or <c>hessian</c> by calibration. Null if the file does not say.
    /// </summary>
    public string? Method { get; init; }

    /// <summary>Bits of the integers, 2 to 8; each is stored in 8. Null means 8.</summary>
    public int? Bits { get; init; }

    /// <summary>
    /// Calibrated scales of product inputs, by key of the layer; those of an attention under its key with
    /// <c>.query</c>, <c>.key</c>, <c>.probability</c> and <c>.value</c>. One scale, or two for two ranges, that of the
    /// larger values last. Null without calibration.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<float>>? InputScales { get; init; }

    /// <summary>
    /// Keys of layers whose weights are quantised but whose products
    /// are computed in floats, because integers lose too much accuracy.
    /// </summary>
    public IReadOnlyList<string> FloatLayers { get; init; } = [];

    /// <summary>The quantisation of a checkpoint; null if it is not quantised.</summary>
    /// <exception cref="CheckpointFormatException">The metadata is invalid or from a newer version.</exception>
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

    /// <summary>Refuses a quantised checkpoint, which has no float weights to start from.</summary>
    /// <exception cref="CheckpointFormatException">The checkpoint is quantised.</exception>
    internal static void RequireFloats(Checkpoint checkpoint)
    {
        if (Of(checkpoint) is not null)
            throw new CheckpointFormatException(checkpoint.Source, "is quantised already; begin with the model that it was made from");
    }

    /// <summary>The JSON for the metadata.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, QuantizationJson.Default.QuantizationInfo);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonSerializable(typeof(QuantizationInfo))]
    private sealed partial class QuantizationJson : JsonSerializerContext;
}
