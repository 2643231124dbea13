using System.Text.Json;
using PocketSam.Segmentation;

namespace PocketSam.Onnx.Export;

/// <summary>
/// Writes the settings that transformers.js reads beside the graphs: config.json (kind of model) and
/// preprocessor_config.json (preparation of pictures).
/// </summary>
internal static class TransformersSettings
{
    private const float Bytes = 255;

    /// <summary>Pillow's code for bilinear resampling.</summary>
    private const int Bilinear = 2;

    public static void WriteModel(Stream stream, SamConfig config, int size)
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteString("model_type", "sam");
        json.WriteStartArray("architectures");
        json.WriteStringValue("SamModel");
        json.WriteEndArray();
        json.WriteStartObject("vision_config");
        json.WriteString("model_type", "sam_vision_model");
        json.WriteNumber("image_size", size);
        json.WriteNumber("patch_size", SamConfig.EmbeddingStride);
        json.WriteNumber("output_channels", config.PromptEmbedDim);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    public static void WritePreparation(Stream stream, int size)
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteString("image_processor_type", "SamImageProcessor");
        json.WriteString("processor_class", "SamProcessor");
        foreach (string step in new[] { "do_convert_rgb", "do_resize", "do_rescale", "do_normalize", "do_pad" })
            json.WriteBoolean(step, true);
        WriteNumbers("image_mean", ImagePreparation.Mean);
        WriteNumbers("image_std", ImagePreparation.Deviation);
        json.WriteNumber("rescale_factor", 1 / (double)Bytes);
        json.WriteNumber("resample", Bilinear);
        json.WriteStartObject("size");
        json.WriteNumber("longest_edge", size);
        json.WriteEndObject();
        json.WriteStartObject("pad_size");
        json.WriteNumber("height", size);
        json.WriteNumber("width", size);
        json.WriteEndObject();
        json.WriteEndObject();

        void WriteNumbers(string name, ReadOnlySpan<float> values)
        {
            json.WriteStartArray(name);
            foreach (float value in values)
                json.WriteNumberValue(value / Bytes);
            json.WriteEndArray();
        }
    }
}
