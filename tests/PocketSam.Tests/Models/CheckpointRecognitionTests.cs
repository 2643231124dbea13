using PocketSam.Models;
using PocketSam.Tensors;

namespace PocketSam.Tests.Models;

/// <summary>Checkpoints without <c>pocketsam.config</c>: official files and others with their keys.</summary>
public sealed class CheckpointRecognitionTests
{
    public static TheoryData<string> Official => ["vit_t", "vit_t_11m", "vit_t_21m", "vit_b", "vit_l", "vit_h"];

    [Theory]
    [MemberData(nameof(Official))]
    public void Official_models_are_known_by_keys_and_shapes(string name)
    {
        SamConfig config = ModelZoo.Find(name)!;
        Assert.Equal(ModelZoo.ToJson(config), ModelZoo.ToJson(ModelZoo.FromCheckpoint(Outline(config))));
    }

    [Fact]
    public void Other_widths_and_depths_follow_from_the_shapes()
    {
        SamConfig vit = Small(ImageEncoderViTTests.Small(128, 5, 24, 3).Encoder) with
        {
            MaskInChannels = 8, DecoderDepth = 1, DecoderMlpDim = 64, NumMultimaskOutputs = 2, IouHeadDepth = 4,
            IouHeadHiddenDim = 32,
        };
        Assert.Equal(ModelZoo.ToJson(vit with { Name = "vit" }), Recognized(vit));

        SamConfig tiny = Small((TinyVitConfig)ModelZoo.Nano.Encoder with
        {
            EmbedDims = [8, 16, 24, 32], NumHeads = [1, 2, 1, 4], WindowSizes = [3, 3, 5, 2], Depths = [1, 2, 1, 3],
            MlpRatio = 2, MbConvExpandRatio = 3,
        }) with { ImageSize = 1024 };
        Assert.Equal(ModelZoo.ToJson(tiny with { Name = "tiny_vit" }), Recognized(tiny));

        static string Recognized(SamConfig config)
            => ModelZoo.ToJson(ModelZoo.FromCheckpoint(Bare(SamModel.Create(config, seed: 1))));
    }

    [Fact]
    public void A_recognised_model_computes_the_same()
    {
        SamModel model = MadeUpWeights.Create(Small(ImageEncoderViTTests.Small(128, 5, 24, 3).Encoder));
        SamModel loaded = SamModel.FromCheckpoint(Bare(model));
        using Tape tape = Tape.Inference();
        Tensor pixels = Samples.Tensor(1, 1, 128, 128, 3);
        Assert.Equal(
            model.ImageEncoder.Forward(pixels).Span.ToArray(), loaded.ImageEncoder.Forward(pixels).Span.ToArray());
    }

    [Fact]
    public void What_is_no_model_is_told_in_one_line()
    {
        Refused(
            [], "neither pocketsam.config in the metadata, nor the keys of SAM (image_encoder.pos_embed) or of MobileSAM " +
            "and TinySAM (image_encoder.patch_embed.seq.0.c.weight)");
        Dictionary<string, StoredTensor> vit = Tensors(ModelZoo.VitB);
        vit.Remove("image_encoder.blocks.3.attn.rel_pos_h");
        Refused(vit, "tensor image_encoder.blocks.3.attn.rel_pos_h is missing");
        vit = Tensors(ModelZoo.VitB);
        vit["image_encoder.pos_embed"] = Zeros(1, 4096, 768);
        Refused(vit, "tensor image_encoder.pos_embed: shape [1, 4096, 768] where 4 dimensions belong");
        vit = Tensors(ModelZoo.VitB);
        vit["image_encoder.blocks.0.attn.rel_pos_h"] = Zeros(27, 65);
        Refused(vit, "attention heads: 768 is no multiple of 65");
        vit = Tensors(ModelZoo.VitB);
        vit["image_encoder.blocks.99999999999999999999.x"] = vit["image_encoder.blocks.600000000.x"] = Zeros(1);
        Refused(vit, "tensor image_encoder.blocks.12.attn.rel_pos_h is missing");
        Refused(Tensors(ModelZoo.Nano), "a decoder of 32 channels: without pocketsam.config in the metadata only SAM's");

        static void Refused(Dictionary<string, StoredTensor> tensors, string message)
        {
            string actual = Assert.Throws<CheckpointFormatException>(
                () => ModelZoo.FromCheckpoint(new Checkpoint("a.pt", tensors, new Dictionary<string, string>()))).Message;
            Assert.StartsWith("a.pt: ", actual, StringComparison.Ordinal);
            Assert.Contains(message, actual, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', actual);
        }
    }

    /// <summary>A decoder of SAM's width under another encoder.</summary>
    private static SamConfig Small(ImageEncoderConfig encoder)
        => new() { Name = "small", Encoder = encoder, ImageSize = 128 };

    private static Checkpoint Bare(SamModel model) => new(
        "test", new Dictionary<string, StoredTensor>(model.State.ToStored(DataType.Float32)),
        new Dictionary<string, string>());

    private static Checkpoint Outline(SamConfig config) => new("test", Tensors(config), new Dictionary<string, string>());

    /// <summary>The tensors that tell an architecture, without the bulk of it.</summary>
    private static Dictionary<string, StoredTensor> Tensors(SamConfig config)
    {
        int channels = config.PromptEmbedDim;
        var tensors = new Dictionary<string, StoredTensor>
        {
            ["image_encoder.neck.0.weight"] = Zeros(channels, 8, 1, 1),
            ["prompt_encoder.mask_downscaling.3.weight"] = Zeros(config.MaskInChannels, config.MaskInChannels / 4, 2, 2),
            ["mask_decoder.transformer.layers.0.mlp.lin1.weight"] = Zeros(config.DecoderMlpDim, channels),
            [$"mask_decoder.transformer.layers.{config.DecoderDepth - 1}.norm1.weight"] = Zeros(channels),
            ["mask_decoder.mask_tokens.weight"] = Zeros(config.NumMultimaskOutputs + 1, channels),
            ["mask_decoder.iou_prediction_head.layers.0.weight"] = Zeros(config.IouHeadHiddenDim, channels),
            [$"mask_decoder.iou_prediction_head.layers.{config.IouHeadDepth - 1}.weight"] = Zeros(1, 1),
        };
        if (config.Encoder is VitConfig vit)
        {
            int side = config.ImageSize / 16;
            tensors["image_encoder.pos_embed"] = Zeros(1, side, side, vit.EmbedDim);
            tensors["image_encoder.blocks.0.mlp.lin1.weight"] = Zeros(vit.MlpRatio * vit.EmbedDim, vit.EmbedDim);
            for (int block = 0; block < vit.Depth; block++)
            {
                int window = vit.GlobalAttentionBlocks.Contains(block) ? side : vit.WindowSize;
                tensors[$"image_encoder.blocks.{block}.attn.rel_pos_h"] = Zeros(2 * window - 1, vit.EmbedDim / vit.NumHeads);
            }
        }
        else if (config.Encoder is TinyVitConfig tiny)
        {
            int[] dims = tiny.EmbedDims;
            tensors["image_encoder.patch_embed.seq.0.c.weight"] = Zeros(dims[0] / 2, 3, 3, 3);
            tensors["image_encoder.patch_embed.seq.2.c.weight"] = Zeros(dims[0], dims[0] / 2, 3, 3);
            tensors["image_encoder.layers.0.blocks.0.conv1.c.weight"] = Zeros(tiny.MbConvExpandRatio * dims[0], dims[0], 1, 1);
            tensors["image_encoder.layers.1.blocks.0.mlp.fc1.weight"] = Zeros(tiny.MlpRatio * dims[1], dims[1]);
            for (int stage = 0; stage < 4; stage++)
            {
                tensors[$"image_encoder.layers.{stage}.blocks.{tiny.Depths[stage] - 1}.x"] = Zeros(1);
                if (stage == 0)
                    continue;
                tensors[$"image_encoder.layers.{stage - 1}.downsample.conv1.c.weight"] = Zeros(dims[stage], dims[stage - 1], 1, 1);
                tensors[$"image_encoder.layers.{stage}.blocks.0.attn.attention_biases"]
                    = Zeros(tiny.NumHeads[stage], tiny.WindowSizes[stage] * tiny.WindowSizes[stage]);
            }
        }

        return tensors;
    }

    private static StoredTensor Zeros(params int[] shape)
        => StoredTensor.FromFloats(new float[shape.Aggregate(1, (a, b) => a * b)], shape);
}
