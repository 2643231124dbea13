using PocketSam.Models;
using PocketSam.Tensors;
using PocketSam.Training.Data.Scenes;

namespace PocketSam.Training.Benchmarks;

/// <summary>Measures a model on pictures and prompts.</summary>
internal static class ModelBenchmarks
{
    /// <summary>Number of tokens of a click or of a box.</summary>
    private const int PromptTokens = 2;

    /// <summary>Side of the grid of points that are decoded together.</summary>
    private const int GridSide = 8;

    /// <summary>Measures encoding and one click.</summary>
    public static IEnumerable<Measurement> Inference(Meter meter, Lazy<Sam> model)
    {
        Sam sam = model.Value;
        string name = $"{sam.Config.Name} at {sam.Config.ImageSize}";
        RgbImage image = Picture(512, 512);
        ImageEmbedding? photo = null;
        yield return meter.Measure($"encode, {name}", 2 * Flops.Encoder(sam.Config, sam.Config.ImageSize), () =>
        {
            photo?.Dispose();
            photo = sam.Encode(image, cancellation: meter.Cancellation);
        });
        yield return meter.Measure(
            $"decode one click, {name}",
            2 * Flops.BatchedDecoder(sam.Config, sam.Config.ImageSize, PromptTokens, sam.Config.NumMultimaskOutputs),
            () => sam.Predict(photo!, Prompt.Point(256, 256)));
        photo!.Dispose();
    }

    /// <summary>
    /// Measures the mask decoder at the model's input size: one click, and many with and without their masks. Times are
    /// for one prompt, without the preparation that all prompts share.
    /// </summary>
    public static IEnumerable<Measurement> Decoder(Meter meter, Lazy<Sam> model)
    {
        SamConfig config = model.Value.Config;
        int size = config.ImageSize, side = size / SamConfig.EmbeddingStride, masks = config.NumMultimaskOutputs;
        BatchedMaskDecoder decoder = model.Value.Model.BatchedDecoder;
        PreparedImage image = decoder.Prepare(Tensor.From(
            Values.Random(side * side * config.FeatureChannels), 1, side, side, config.FeatureChannels));
        PromptToken[] tokens =
        [
            .. Enumerable.Range(0, GridSide * GridSide).SelectMany<int, PromptToken>(i =>
            [
                new((i % GridSide + 0.5f) * size / GridSide, (i / GridSide + 0.5f) * size / GridSide, PointLabel.Foreground),
                PromptToken.Padding,
            ]),
        ];
        string name = $"{config.Name} at {size}";
        yield return Decode($"decode 1 prompt, {masks} masks, {name}", 1, masks);
        yield return Decode($"decode {GridSide * GridSide} prompts, predicted IoU, {name}", GridSide * GridSide, 0);
        yield return Decode($"decode {GridSide * GridSide} prompts, {masks} masks, {name}", GridSide * GridSide, masks);

        Measurement Decode(string what, int prompts, int wanted)
        {
            int limit = decoder.PromptsAtOnce(side, PromptTokens);
            return meter.Measure(what, 2 * Flops.BatchedDecoder(config, size, PromptTokens, wanted), () =>
            {
                for (int i = 0; i < prompts; i += limit)
                {
                    int count = Math.Min(limit, prompts - i);
                    using Tape tape = Tape.Inference();
                    DecodedPrompts decoded = decoder.Decode(
                        image, tokens.AsSpan(i * PromptTokens, count * PromptTokens), count, null);
                    MaskChoice[] choices =
                        [.. Enumerable.Range(0, count * wanted).Select(m => new MaskChoice(m / wanted, 1 + m % wanted))];
                    decoder.Upscale(decoded, choices);
                }
            }, prompts);
        }
    }

    /// <summary>
    /// Measures finding all masks of a 1024x683 photo, hierarchically and densely, from the pixels to run lengths.
    /// </summary>
    public static IEnumerable<Measurement> Everything(Meter meter, Lazy<Sam> model)
    {
        Sam sam = model.Value;
        RgbImage image = Picture(1024, 683);
        foreach (MaskGeneratorMode mode in (MaskGeneratorMode[])[MaskGeneratorMode.Hierarchical, MaskGeneratorMode.Dense])
        {
            var generator = new MaskGenerator(sam, MaskGeneratorOptions.For(sam.Config) with { Mode = mode });
            yield return meter.Measure(
                $"everything, {mode.ToString().ToLowerInvariant()} 32x32, {sam.Config.Name} at {sam.Config.ImageSize}", 0,
                () => generator.Generate(image, cancellation: meter.Cancellation));
        }
    }

    private static RgbImage Picture(int width, int height)
        => new SceneGenerator(new SceneOptions { Width = width, Height = height }).Draw(1).Image;
}
