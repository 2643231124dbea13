using System.Text.Json;

namespace PocketSam.Models;

/// <summary>
/// The parts of a CLIP configuration that shapes do not show, from the files beside the weights: <c>config.json</c> and
/// <c>preprocessor_config.json</c> of transformers, <c>open_clip_config.json</c>.
/// </summary>
/// <param name="Activation">The activation in the MLPs.</param>
/// <param name="VisionHeads">Attention heads of the image tower; null for one per 64 channels.</param>
/// <param name="TextHeads">Attention heads of the text tower; null for one per 64 channels.</param>
/// <param name="ImageMean">Mean of the pictures' channels on a scale of 0 to 1; null for CLIP's own.</param>
/// <param name="ImageStd">Standard deviation of the pictures'
/// channels on a scale of 0 to 1; null for CLIP's own.</param>
internal sealed record ClipConfigFile(
    ClipActivation Activation, int? VisionHeads, int? TextHeads, float[]? ImageMean, float[]? ImageStd)
{
    public const string OpenClipName = "open_clip_config.json", TransformersName = "config.json";

    private const string PreprocessorName = "preprocessor_config.json";

    /// <summary>Largest configuration file in bytes.</summary>
    private const int MaxLength = 1 << 20;

    /// <summary>Default numbers of attention heads in transformers (configuration_clip.py).</summary>
    private const int DefaultVisionHeads = 12, DefaultTextHeads = 8;

    /// <summary>Reads the configuration beside the weights; null if there is none.</summary>
    /// <param name="weights">Path of the weights.</param>
    /// <param name="isTransformers">Whether the weights use transformers'
    /// names rather than those of OpenAI and open_clip.</param>
    /// <exception cref="CheckpointFormatException">The configuration is invalid, or of another model.</exception>
    public static ClipConfigFile? Beside(string weights, bool isTransformers)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(weights)) ?? "";
        string path = Path.Combine(folder, isTransformers ? TransformersName : OpenClipName);
        return File.Exists(path) ? Read(path, isTransformers) : null;
    }

    private static ClipConfigFile Read(string path, bool isTransformers)
    {
        try
        {
            using JsonDocument document = Parse(path);
            return isTransformers
                ? Transformers(document.RootElement, Path.GetDirectoryName(Path.GetFullPath(path)) ?? "", path) : OpenClip(document.RootElement, path);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new CheckpointFormatException(path, $"no configuration of a CLIP: {e.Message}", e);
        }
    }

    /// <summary>Reads a configuration of transformers at any path.</summary>
    /// <exception cref="CheckpointFormatException">The configuration is invalid, or of another model.</exception>
    public static ClipConfigFile ReadTransformers(string path) => Read(path, isTransformers: true);

    /// <summary>The architecture with the configuration's image statistics.</summary>
    public ClipConfig Apply(ClipConfig config) => config with
    {
        ImageMean = ImageMean ?? config.ImageMean,
        ImageStd = ImageStd ?? config.ImageStd,
    };

    private static ClipConfigFile OpenClip(JsonElement root, string path)
    {
        JsonElement model = root.TryGetProperty("model_cfg", out JsonElement inner) ? inner : root;
        if (!model.TryGetProperty("vision_cfg", out JsonElement vision) || !model.TryGetProperty("text_cfg", out JsonElement text))
            throw new CheckpointFormatException(path, "no configuration of a CLIP: has no vision_cfg and text_cfg");
        bool quick = model.TryGetProperty("quick_gelu", out JsonElement flag) && flag.GetBoolean();
        int? visionHeads = vision.TryGetProperty("width", out JsonElement width) && vision.TryGetProperty("head_width", out JsonElement head)
            && head.GetInt32() > 0 ? width.GetInt32() / head.GetInt32() : null;
        bool hasPreprocess = root.TryGetProperty("preprocess_cfg", out JsonElement preprocess);
        return new ClipConfigFile(
            quick ? ClipActivation.QuickGelu : ClipActivation.Gelu, visionHeads, Integer(text, "heads"),
            hasPreprocess ? Three(preprocess, "mean") : null, hasPreprocess ? Three(preprocess, "std") : null);
    }

    private static ClipConfigFile Transformers(JsonElement root, string folder, string path)
    {
        JsonElement vision = Nested("vision_config"), text = Nested("text_config");
        ClipActivation activation = ActivationOf(vision);
        if (ActivationOf(text) != activation)
            throw new CheckpointFormatException(path, "towers with different activations");
        string preprocessor = Path.Combine(folder, PreprocessorName);
        using JsonDocument? pictures = File.Exists(preprocessor) ? Parse(preprocessor) : null;
        return new ClipConfigFile(
            activation, Integer(vision, "num_attention_heads") ?? DefaultVisionHeads, Integer(text, "num_attention_heads") ?? DefaultTextHeads,
            pictures is null ? null : Three(pictures.RootElement, "image_mean"), pictures is null ? null : Three(pictures.RootElement, "image_std"));

        // Omitted values are CLIP's defaults.
        JsonElement Nested(string name) => root.TryGetProperty(name, out JsonElement tower) && tower.ValueKind == JsonValueKind.Object
            ? tower : throw new CheckpointFormatException(path, $"no configuration of a CLIP: has no {name}");

        ClipActivation ActivationOf(JsonElement tower) => !tower.TryGetProperty("hidden_act", out JsonElement name)
            ? ClipActivation.QuickGelu : name.GetString() switch
            {
                "quick_gelu" => ClipActivation.QuickGelu,
                "gelu" => ClipActivation.Gelu,
                var other => throw new CheckpointFormatException(path, $"hidden_act {other}: CLIP's are quick_gelu and gelu"),
            };
    }

    private static int? Integer(JsonElement element, string name) => element.TryGetProperty(name, out JsonElement value) ? value.GetInt32() : null;

    private static float[]? Three(JsonElement element, string name)
        => element.TryGetProperty(name, out JsonElement values) && values.ValueKind == JsonValueKind.Array && values.GetArrayLength() == 3
            ? [.. values.EnumerateArray().Select(v => v.GetSingle())] : null;

    private static JsonDocument Parse(string path)
        => new FileInfo(path).Length <= MaxLength ? JsonDocument.Parse(File.ReadAllBytes(path))
            : throw new CheckpointFormatException(path, "no configuration of a CLIP: longer than a megabyte");
}
