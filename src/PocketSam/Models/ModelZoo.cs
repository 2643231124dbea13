using System.Text.Json;
using System.Text.Json.Serialization;
using PocketSam.Checkpoints;

namespace PocketSam.Models;

/// <summary>Every architecture number of the models that are known by name, and how they travel in checkpoints.</summary>
public static class ModelZoo
{
    /// <summary>Name of the metadata entry that holds a <see cref="SamConfig"/> as JSON.</summary>
    public const string MetadataKey = "pocketsam.config";

    /// <summary>MobileSAM and TinySAM: TinyViT-5M under SAM's decoder (MobileSAM's build_sam.py).</summary>
    public static SamConfig VitT { get; } = new()
    {
        Name = "vit_t",
        Encoder = new TinyVitConfig
        {
            EmbedDims = [64, 128, 160, 320],
            Depths = [2, 2, 6, 2],
            NumHeads = [2, 4, 5, 10],
            WindowSizes = [7, 7, 14, 7],
        },
    };

    /// <summary>
    /// The default model: thin where pictures are large, wide at 1/16 where matrix products are cheap; windows of 8, so
    /// that no input of a multiple of 128 pixels is padded.
    /// </summary>
    public static SamConfig Pocket { get; } = new()
    {
        Name = "pocket",
        Encoder = new TinyVitConfig
        {
            EmbedDims = [32, 64, 160, 256],
            Depths = [1, 2, 6, 2],
            NumHeads = [1, 2, 5, 8],
            WindowSizes = [8, 8, 8, 8],
        },
        ImageSize = 640,
        PromptEmbedDim = 128,
        DecoderHeads = 4,
        DecoderMlpDim = 512,
        IouHeadHiddenDim = 128,
    };

    /// <summary>A model small enough for tests: it computes everything and knows nothing.</summary>
    public static SamConfig Nano { get; } = new()
    {
        Name = "nano",
        Encoder = new TinyVitConfig
        {
            EmbedDims = [8, 16, 24, 32],
            Depths = [1, 1, 1, 1],
            NumHeads = [1, 1, 2, 2],
            WindowSizes = [4, 4, 4, 4],
        },
        ImageSize = 128,
        PromptEmbedDim = 32,
        MaskInChannels = 8,
        DecoderHeads = 2,
        DecoderMlpDim = 64,
        IouHeadHiddenDim = 32,
    };

    /// <summary>All of them.</summary>
    public static IReadOnlyList<SamConfig> All { get; } = [VitT, Pocket, Nano];

    /// <summary>The configuration of that name, or null.</summary>
    public static SamConfig? Find(string name) => All.FirstOrDefault(c => c.Name == name);

    /// <summary>The configuration as JSON.</summary>
    public static string ToJson(SamConfig config) => JsonSerializer.Serialize(config, SamConfigJson.Default.SamConfig);

    /// <summary>The configuration that a checkpoint carries.</summary>
    /// <exception cref="CheckpointFormatException">It carries none, or a broken one.</exception>
    public static SamConfig FromCheckpoint(Checkpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        if (!checkpoint.Metadata.TryGetValue(MetadataKey, out string? json))
        {
            throw new CheckpointFormatException(
                checkpoint.Source, $"no PocketSam model: the metadata has no {MetadataKey}");
        }

        try
        {
            SamConfig config = JsonSerializer.Deserialize(json, SamConfigJson.Default.SamConfig)
                ?? throw new JsonException("null");
            config.Validate();
            return config;
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw new CheckpointFormatException(checkpoint.Source, $"broken {MetadataKey}: {e.Message}", e);
        }
    }
}

[JsonSerializable(typeof(SamConfig))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
internal sealed partial class SamConfigJson : JsonSerializerContext;
