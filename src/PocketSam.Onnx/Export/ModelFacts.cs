using System.Globalization;
using PocketSam.Segmentation;

namespace PocketSam.Onnx.Export;

/// <summary>The metadata of a file: what a program must know to prepare pictures and prompts for it.</summary>
internal static class ModelFacts
{
    public static Dictionary<string, string> Of(Sam sam, int size, OnnxExportOptions options, bool isEncoder)
    {
        SamConfig config = sam.Config;
        bool isPrepared = options.Layout == OnnxLayout.SamExporter;
        var facts = new Dictionary<string, string>
        {
            ["pocketsam.model"] = config.Name,
            ["pocketsam.part"] = isEncoder ? "encoder" : "decoder",
            ["pocketsam.layout"] = options.Layout.ToString().ToLowerInvariant(),
            [ModelZoo.MetadataKey] = ModelZoo.ToJson(config with { ImageSize = size }),
            ["pocketsam.fingerprint"] = sam.Fingerprint,
            ["pocketsam.input_size"] = Text(size),
            ["pocketsam.weights"] = options.Precision.ToString().ToLowerInvariant(),
            ["pocketsam.side_multiple"] = Text(config.Encoder.SideMultiple),
        };
        if (isEncoder)
        {
            facts["pocketsam.channel_order"] = "RGB";
            facts["pocketsam.mean"] = Numbers(ImagePreparation.Mean);
            facts["pocketsam.std"] = Numbers(ImagePreparation.Deviation);
            facts["pocketsam.normalised"] = isPrepared ? "inside" : "by the caller";
            facts["pocketsam.resize"] = "longest side to the input size, the other floor(side * scale + 0.5); antialiased bilinear on 8 bits";
            facts["pocketsam.pad"] = isPrepared ? "inside" : "right and below with zeros, after normalising";
            facts["Image.BitmapPixelFormat"] = "Rgb8";
            facts["Image.ColorSpaceGamma"] = "SRGB";
            facts["Image.NominalPixelRange"] = isPrepared ? "NominalRange_0_255" : "normalised by mean and std";
            if (config.Encoder.PatchSize is > 0 and var patch)
            {
                facts["pocketsam.patches"] = Text(patch);
                facts["pocketsam.input_patches"] = $"the picture resized to {patch} pixels for each {SamConfig.EmbeddingStride} that it has in the input, normalised, not padded";
            }
        }
        else
        {
            bool isInside = options.Layout == OnnxLayout.Transformers;
            facts["pocketsam.coords"] = "pixels of the input, x then y; half a pixel is added inside";
            facts["pocketsam.labels"] = "1 foreground, 0 background, 2 and 3 corners of a box, -1 no point";
            facts["pocketsam.padding_point"] = isInside ? "inside" : "(0, 0) with label -1 where there is no box";
            facts["pocketsam.first_mask"] = config.FirstMask == FirstMask.Single ? "single" : "multi";
            facts["pocketsam.mask_threshold"] = "0";
            if (config.MaskThresholds is { } thresholds)
            {
                facts["pocketsam.pred_iou_threshold"] = thresholds.PredIou.ToString(CultureInfo.InvariantCulture);
                facts["pocketsam.stability_score_threshold"] = thresholds.StabilityScore.ToString(CultureInfo.InvariantCulture);
            }
        }

        return facts;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Numbers(ReadOnlySpan<float> numbers)
        => string.Join(',', numbers.ToArray().Select(n => n.ToString(CultureInfo.InvariantCulture)));
}
