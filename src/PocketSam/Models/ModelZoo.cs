using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using PocketSam.Models;

namespace PocketSam;

/// <summary>The architectures of all named models, and their JSON form in checkpoints.</summary>
public static class ModelZoo
{
    /// <summary>Key of the metadata entry that holds a <see cref="SamConfig"/> as JSON.</summary>
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

    /// <summary>TinyViT-11M under SAM's decoder (TinyViT, arXiv:2207.10666, table 1).</summary>
    public static SamConfig VitT11M { get; } = new()
    {
        Name = "vit_t_11m",
        Encoder = new TinyVitConfig
        {
            EmbedDims = [64, 128, 256, 448],
            Depths = [2, 2, 6, 2],
            NumHeads = [2, 4, 8, 14],
            WindowSizes = [7, 7, 14, 7],
        },
    };

    /// <summary>TinyViT-21M under SAM's decoder.</summary>
    public static SamConfig VitT21M { get; } = new()
    {
        Name = "vit_t_21m",
        Encoder = new TinyVitConfig
        {
            EmbedDims = [96, 192, 384, 576],
            Depths = [2, 2, 6, 2],
            NumHeads = [3, 6, 12, 18],
            WindowSizes = [7, 7, 14, 7],
        },
    };

    /// <summary>SAM ViT-B (segment_anything/build_sam.py).</summary>
    public static SamConfig VitB { get; } = new()
    {
        Name = "vit_b",
        Encoder = new VitConfig { EmbedDim = 768, Depth = 12, NumHeads = 12, GlobalAttentionBlocks = [2, 5, 8, 11] },
    };

    /// <summary>SAM ViT-L.</summary>
    public static SamConfig VitL { get; } = new()
    {
        Name = "vit_l",
        Encoder = new VitConfig { EmbedDim = 1024, Depth = 24, NumHeads = 16, GlobalAttentionBlocks = [5, 11, 17, 23] },
    };

    /// <summary>SAM ViT-H, the teacher of MobileSAM and TinySAM.</summary>
    public static SamConfig VitH { get; } = new()
    {
        Name = "vit_h",
        Encoder = new VitConfig { EmbedDim = 1280, Depth = 32, NumHeads = 16, GlobalAttentionBlocks = [7, 15, 23, 31] },
    };

    /// <summary>
    /// The default model: narrow at high resolution, wide at 1/16 where matrix products are cheap; windows of 8, so
    /// that no input of a multiple of 128 pixels needs padding.
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

    /// <summary>
    /// A teacher for <see cref="Pocket"/>: the same widths, so that it can start with the default model's weights,
    /// wider hidden layers, and windows of 20 tokens, which at 640 pixels are quarters of the picture.
    /// </summary>
    public static SamConfig PocketL { get; } = Pocket with
    {
        Name = "pocket_l",
        Encoder = (TinyVitConfig)Pocket.Encoder with { WindowSizes = [8, 8, 20, 20], MlpRatio = 6, MbConvExpandRatio = 6 },
    };

    /// <summary>
    /// A student for quick trials: half of <see cref="Pocket"/>'s widths and depths, with the same decoder.
    /// </summary>
    public static SamConfig PocketS { get; } = Pocket with
    {
        Name = "pocket_s",
        Encoder = new TinyVitConfig
        {
            EmbedDims = [16, 32, 80, 128],
            Depths = [1, 1, 3, 1],
            NumHeads = [1, 1, 4, 4],
            WindowSizes = [8, 8, 8, 8],
        },
        ImageSize = 320,
    };

    /// <summary>
    /// The model named quality, a teacher: DINOv2's ViT-S/14 (Oquab et al., arXiv:2304.07193) with
    /// <see cref="Pocket"/>'s decoder, which a student can take over.
    /// </summary>
    public static SamConfig DinoS { get; } = Pocket with
    {
        Name = "dino_s",
        Encoder = new DinoVisionTransformerConfig { EmbedDim = 384, Depth = 12, NumHeads = 6, Taps = [4, 8, 12] },
        ImageSize = 592,
        HighResolutionFeatures = true,
        FirstMask = FirstMask.Single,
    };

    /// <summary>A model for tests, with every kind of layer and no training.</summary>
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

    /// <summary>All architectures.</summary>
    public static IReadOnlyList<SamConfig> All { get; } = [VitT, VitT11M, VitT21M, VitB, VitL, VitH, Pocket, PocketL, PocketS, DinoS, Nano];

    /// <summary>The architecture with a name, or null.</summary>
    public static SamConfig? Find(string name) => All.FirstOrDefault(c => c.Name == name);

    /// <summary>The JSON of an architecture.</summary>
    public static string ToJson(SamConfig config) => JsonSerializer.Serialize(config, SamConfigJson.Default.SamConfig);

    /// <summary>
    /// The architecture in a checkpoint's metadata; without it, as in the official files of SAM, MobileSAM and TinySAM,
    /// the architecture is recognised by keys and shapes.
    /// </summary>
    /// <exception cref="CheckpointFormatException">The metadata is
    /// invalid, or missing and the model is unknown.</exception>
    public static SamConfig FromCheckpoint(Checkpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        if (!checkpoint.Metadata.TryGetValue(MetadataKey, out string? json))
            return CheckpointRecognition.Recognize(checkpoint);
        try
        {
            SamConfig config = FromJson(json) ?? throw new JsonException("null");
            config.Validate();
            return config;
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw new CheckpointFormatException(checkpoint.Source, $"broken {MetadataKey}: {e.Message}", e);
        }
    }

    /// <summary>Reads the JSON; an encoder without a type is a TinyViT.</summary>
    private static SamConfig? FromJson(string json)
    {
        JsonNode? node = JsonNode.Parse(json);
        if (node is JsonObject config && config["encoder"] is JsonObject encoder
            && !encoder.ContainsKey(ImageEncoderConfig.TypeProperty))
        {
            encoder.Insert(0, ImageEncoderConfig.TypeProperty, ImageEncoderConfig.TinyVitType);
        }

        return node.Deserialize(SamConfigJson.Default.SamConfig);
    }
}

[JsonSerializable(typeof(SamConfig))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, AllowOutOfOrderMetadataProperties = true)]
internal sealed partial class SamConfigJson : JsonSerializerContext;
