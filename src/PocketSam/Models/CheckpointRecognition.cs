using System.Globalization;

namespace PocketSam.Models;

/// <summary>
/// Recognises the architecture of a checkpoint without metadata: the official files of SAM
/// (<c>vit_b</c>, <c>vit_l</c>, <c>vit_h</c>), of MobileSAM and TinySAM (<c>vit_t</c>), and others
/// with their keys and different widths and depths. All numbers follow from keys and shapes,
/// except for the number of the decoder's heads, which is SAM's eight; the decoder must therefore
/// have SAM's width. The input size is that of the position embedding, or SAM's 1024 without one.
/// </summary>
internal sealed class CheckpointRecognition
{
    private const string VitKey = "image_encoder.pos_embed";
    private const string TinyVitKey = "image_encoder.patch_embed.seq.0.c.weight";
    private const string FastSamKey = "22.proto.cv3.conv.weight";
    private const int DecoderChannels = 256;

    private readonly Checkpoint _checkpoint;

    private CheckpointRecognition(Checkpoint checkpoint) => _checkpoint = checkpoint;

    /// <summary>The architecture, with its name if it is one of <see cref="ModelZoo.All"/>.</summary>
    /// <exception cref="CheckpointFormatException">The keys or shapes are those of no known model.</exception>
    public static SamConfig Recognize(Checkpoint checkpoint)
    {
        SamConfig config = new CheckpointRecognition(checkpoint).Config();
        try
        {
            config.Validate();
        }
        catch (ArgumentException e)
        {
            throw new CheckpointFormatException(checkpoint.Source, $"shapes of no possible model: {e.Message}", e);
        }

        return ModelZoo.All
            .Select(known => config with { Name = known.Name })
            .FirstOrDefault(named => ModelZoo.ToJson(named) == ModelZoo.ToJson(ModelZoo.Find(named.Name)!)) ?? config;
    }

    private SamConfig Config()
    {
        bool vit = _checkpoint.Tensors.ContainsKey(VitKey);
        if (_checkpoint.Tensors.ContainsKey(FastSamKey))
        {
            throw new CheckpointFormatException(
                _checkpoint.Source, "a FastSAM (YOLOv8-seg), which finds all masks at once and has no embeddings: "
                + "FastSam.Load reads it, and 'everything', 'segment', 'evaluate' and 'info' take it");
        }

        if (!vit && !_checkpoint.Tensors.ContainsKey(TinyVitKey))
        {
            throw new CheckpointFormatException(
                _checkpoint.Source,
                $"no model that PocketSam knows: neither {ModelZoo.MetadataKey} in the metadata, nor the keys of SAM " +
                $"({VitKey}) or of MobileSAM and TinySAM ({TinyVitKey})");
        }

        int channels = Size("image_encoder.neck.0.weight", 4, 0);
        if (channels != DecoderChannels)
        {
            throw new CheckpointFormatException(
                _checkpoint.Source,
                $"a decoder of {channels} channels: without {ModelZoo.MetadataKey} in the metadata only SAM's, which has " +
                $"{DecoderChannels}, is known");
        }

        return new SamConfig
        {
            Name = vit ? "vit" : "tiny_vit",
            Encoder = vit ? Vit() : TinyVit(),
            ImageSize = vit ? Size(VitKey, 4, 1) * SamConfig.EmbeddingStride : ModelZoo.VitT.ImageSize,
            PromptEmbedDim = channels,
            MaskInChannels = Size("prompt_encoder.mask_downscaling.3.weight", 4, 0),
            DecoderDepth = Count("mask_decoder.transformer.layers."),
            DecoderMlpDim = Size("mask_decoder.transformer.layers.0.mlp.lin1.weight", 2, 0),
            NumMultimaskOutputs = Size("mask_decoder.mask_tokens.weight", 2, 0) - 1,
            IouHeadDepth = Count("mask_decoder.iou_prediction_head.layers."),
            IouHeadHiddenDim = Size("mask_decoder.iou_prediction_head.layers.0.weight", 2, 0),
        };
    }

    private VitConfig Vit()
    {
        const string Blocks = "image_encoder.blocks.";
        int side = Size(VitKey, 4, 1), channels = Size(VitKey, 4, 3), depth = Count(Blocks);

        // A table has 2 window - 1 rows; in a block with global attention the window is the whole map.
        int[] windows =
        [
            .. Enumerable.Range(0, depth).Select(block => (Size($"{Blocks}{block}.attn.rel_pos_h", 2, 0) + 1) / 2),
        ];
        return new VitConfig
        {
            EmbedDim = channels,
            Depth = depth,
            NumHeads = Ratio(channels, Size($"{Blocks}0.attn.rel_pos_h", 2, 1), "attention heads"),
            GlobalAttentionBlocks = [.. Enumerable.Range(0, depth).Where(block => windows[block] == side)],
            WindowSize = windows.FirstOrDefault(window => window != side, side),
            MlpRatio = Ratio(Size($"{Blocks}0.mlp.lin1.weight", 2, 0), channels, "MLP ratio"),
        };
    }

    private TinyVitConfig TinyVit()
    {
        const string Layers = "image_encoder.layers.";
        int[] dims = new int[4], depths = new int[4], heads = new int[4], windows = new int[4];
        dims[0] = Size("image_encoder.patch_embed.seq.2.c.weight", 4, 0);
        depths[0] = Count($"{Layers}0.blocks.");
        for (int stage = 1; stage < 4; stage++)
        {
            string biases = $"{Layers}{stage}.blocks.0.attn.attention_biases";
            dims[stage] = Size($"{Layers}{stage - 1}.downsample.conv1.c.weight", 4, 0);
            depths[stage] = Count($"{Layers}{stage}.blocks.");
            heads[stage] = Size(biases, 2, 0);
            windows[stage] = (int)Math.Round(Math.Sqrt(Size(biases, 2, 1)));
        }

        // The first stage is convolutional; TinyViT's configuration gives it the second stage's window and head width.
        windows[0] = windows[1];
        heads[0] = Math.Max(1, dims[0] * heads[1] / dims[1]);
        return new TinyVitConfig
        {
            EmbedDims = dims,
            Depths = depths,
            NumHeads = heads,
            WindowSizes = windows,
            MlpRatio = Ratio(Size($"{Layers}1.blocks.0.mlp.fc1.weight", 2, 0), dims[1], "MLP ratio"),
            MbConvExpandRatio = Ratio(
                Size($"{Layers}0.blocks.0.conv1.c.weight", 4, 0), dims[0], "expansion ratio"),
        };
    }

    /// <summary>One dimension of a required tensor.</summary>
    private int Size(string key, int rank, int dimension)
    {
        if (!_checkpoint.Tensors.TryGetValue(key, out StoredTensor? tensor))
            throw new CheckpointFormatException(_checkpoint.Source, $"tensor {key} is missing");
        if (tensor.Shape.Count != rank || tensor.Shape.Any(size => size < 1))
        {
            string shape = string.Join(", ", tensor.Shape);
            throw new CheckpointFormatException(
                _checkpoint.Source, $"tensor {key}: shape [{shape}] where {rank} dimensions belong");
        }

        return tensor.Shape[dimension];
    }

    /// <summary>
    /// One more than the highest number between <paramref name="prefix"/> and a dot. A gap in the numbers is reported
    /// later, as missing keys.
    /// </summary>
    private int Count(string prefix)
    {
        int count = 0;
        foreach (string key in _checkpoint.Tensors.Keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal)))
        {
            string number = key[prefix.Length..].Split('.')[0];
            if (int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int i))
                count = Math.Max(count, Math.Min(i, ImageEncoderConfig.MaxDepth) + 1);
        }

        return count;
    }

    private int Ratio(int numerator, int denominator, string what)
        => numerator % denominator == 0
            ? numerator / denominator
            : throw new CheckpointFormatException(
                _checkpoint.Source, $"{what}: {numerator} is no multiple of {denominator}");
}
