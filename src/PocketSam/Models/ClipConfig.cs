using System.Text.Json;
using System.Text.Json.Serialization;

namespace PocketSam;

/// <summary>
/// Architecture of a CLIP model (Radford et al., arXiv:2103.00020) with a vision transformer as image tower: ViT-B/32,
/// B/16, L/14, TinyCLIP and similar ones.
/// </summary>
public sealed record ClipConfig
{
    /// <summary>Metadata key of the architecture in PocketSam's checkpoints, whose value is JSON.</summary>
    internal const string MetadataKey = "pocketsam.clip";

    private const int MaxSide = 2048;

    /// <summary>
    /// Side in pixels of the square pictures of its training; a multiple of <see cref="PatchSize"/>, at most 2048.
    /// </summary>
    public required int ImageSize { get; init; }

    /// <summary>Side of a patch in pixels, 1 to 128.</summary>
    public required int PatchSize { get; init; }

    /// <summary>Width, depth and heads of the image tower.</summary>
    public required ClipTowerConfig Vision { get; init; }

    /// <summary>Width, depth and heads of the text tower.</summary>
    public required ClipTowerConfig Text { get; init; }

    /// <summary>Tokens of a text, including start and end, 3 to 1024.</summary>
    public required int ContextLength { get; init; }

    /// <summary>Number of token ids.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Width of the joint embedding of pictures and texts.</summary>
    public required int EmbedDim { get; init; }

    /// <summary>The activation in the MLPs of both towers.</summary>
    public required ClipActivation Activation { get; init; }

    /// <summary>Mean of red, green and blue on a scale of 0 to 1, which is subtracted.</summary>
    public float[] ImageMean { get; init; } = [0.48145466f, 0.4578275f, 0.40821073f];

    /// <summary>Standard deviation of red, green and blue on a scale of 0 to 1, which is divided by.</summary>
    public float[] ImageStd { get; init; } = [0.26862954f, 0.26130258f, 0.27577711f];

    /// <summary>Rows and columns of the learned positions.</summary>
    [JsonIgnore]
    public int PositionSide => ImageSize / PatchSize;

    /// <summary>Checks that the numbers are in range and consistent.</summary>
    /// <exception cref="ArgumentException">They are not; the message says which.</exception>
    internal void Validate()
    {
        if (Vision is null || Text is null)
            throw new ArgumentException("a CLIP needs an image tower and a text tower");
        if (PatchSize is < 1 or > 128 || ImageSize < PatchSize || ImageSize > MaxSide || ImageSize % PatchSize != 0)
            throw new ArgumentException($"pictures of {ImageSize} pixels and patches of {PatchSize}");
        Vision.Validate("image tower");
        Text.Validate("text tower");
        if (ContextLength is < 3 or > 1024 || VocabularySize is < 3 or > 1 << 20 || EmbedDim is < 1 or > ImageEncoderConfig.MaxChannels)
            throw new ArgumentException($"texts of {ContextLength} tokens of {VocabularySize}, embeddings of {EmbedDim} values");
        if (!Enum.IsDefined(Activation))
            throw new ArgumentException($"activation {Activation}: not known");
        if (ImageMean is not { Length: 3 } || ImageStd is not { Length: 3 }
            || !ImageMean.All(float.IsFinite) || !ImageStd.All(v => float.IsFinite(v) && v > 0))
        {
            throw new ArgumentException("mean and standard deviation of pictures are three finite numbers each, the latter above 0");
        }
    }

    internal string ToJson() => JsonSerializer.Serialize(this, ClipConfigJson.Default.ClipConfig);

    /// <exception cref="JsonException">The text is not the JSON of an architecture.</exception>
    internal static ClipConfig FromJson(string json)
        => JsonSerializer.Deserialize(json, ClipConfigJson.Default.ClipConfig) ?? throw new JsonException("null");
}

/// <summary>Architecture of one of CLIP's two transformers.</summary>
/// <param name="Width">Channels of the tokens, a multiple of <paramref name="Heads"/>.</param>
/// <param name="Layers">Number of blocks.</param>
/// <param name="Heads">Number of attention heads.</param>
/// <param name="MlpWidth">Hidden channels of a block's MLP.</param>
public sealed record ClipTowerConfig(int Width, int Layers, int Heads, int MlpWidth)
{
    internal void Validate(string name)
    {
        if (Width is < 1 or > ImageEncoderConfig.MaxChannels || Layers is < 1 or > ImageEncoderConfig.MaxDepth
            || Heads < 1 || Width % Heads != 0 || MlpWidth is < 1 or > 16 * ImageEncoderConfig.MaxChannels)
        {
            throw new ArgumentException($"{name}: {Layers} blocks of {Width} channels, {Heads} heads and MLPs of {MlpWidth}");
        }
    }
}

[JsonSerializable(typeof(ClipConfig))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
internal sealed partial class ClipConfigJson : JsonSerializerContext;
