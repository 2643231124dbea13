using PocketSam.Models;
using PocketSam.Training.Data.Scenes;

namespace PocketSam.Training.Benchmarks;

/// <summary>
/// Measures ranking masks by a text against encoding a picture, with random weights, which do not affect speed.
/// </summary>
internal static class TextBenchmarks
{
    private const int Masks = 64;

    /// <summary>Tokens of <c>a photo of a red mug.</c>, with start and end.</summary>
    private static readonly int[] Text = [49406, 320, 1125, 539, 320, 736, 9722, 269, 49407];

    /// <summary>CLIP's ViT-B/32.</summary>
    private static readonly ClipConfig B32 = new()
    {
        ImageSize = 224, PatchSize = 32, Vision = new(768, 12, 12, 3072), Text = new(512, 12, 8, 2048), ContextLength = 77,
        VocabularySize = 49_408, EmbedDim = 512, Activation = ClipActivation.QuickGelu,
    };

    /// <summary>
    /// Measures the encode of <c>vit_t</c>, a text with crops of 64 masks, and a text with one pass over the whole
    /// picture.
    /// </summary>
    public static IEnumerable<Measurement> Run(Meter meter)
    {
        Sam sam = Sam.Over(SamModel.Create(ModelZoo.VitT, seed: 1));
        var network = ClipModel.Create(B32, seed: 1);
        Clip clip = Clip.Over(network, "vit_b32"), small = Clip.Over(ClipModel.FromCheckpoint(Quantized(network), B32), "vit_b32 of 8 bits");
        RgbImage picture = new SceneGenerator(new SceneOptions { Width = 1024, Height = 683 }).Draw(1).Image;
        var random = new Random(1);
        RgbImage[] crops =
        [
            .. Enumerable.Range(0, Masks).Select(_ =>
            {
                int side = random.Next(48, 400);
                return picture.Crop(new PixelBox(random.Next(1024 - side), random.Next(683 - side), side, side));
            }),
        ];
        yield return meter.Measure(
            "encode, vit_t at 1024", 2 * Flops.Encoder(sam.Config, 1024),
            () => sam.Encode(picture, cancellation: meter.Cancellation).Dispose());
        yield return meter.Measure($"rank {Masks} masks by crops, CLIP B/32", 0, () =>
        {
            clip.EmbedTokens([Text], meter.Cancellation);
            clip.EmbedImages(crops, cancellation: meter.Cancellation);
        });
        yield return meter.Measure($"rank {Masks} masks by crops, CLIP B/32 of 8 bits", 0, () =>
        {
            small.EmbedTokens([Text], meter.Cancellation);
            small.EmbedImages(crops, cancellation: meter.Cancellation);
        });
        yield return meter.Measure("one dense pass at 448, CLIP B/32", 0, () =>
        {
            clip.EmbedTokens([Text], meter.Cancellation);
            clip.EmbedPatches(picture, cancellation: meter.Cancellation);
        });
    }

    private static Checkpoint Quantized(ClipModel network) => ModelQuantizer.Quantize(
        new Checkpoint(
            "vit_b32", new Dictionary<string, StoredTensor>(network.State.ToStored(DataType.Float32)), new Dictionary<string, string>()),
        new QuantizationInfo { Arithmetic = QuantizedArithmetic.Int8 });
}
