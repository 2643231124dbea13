namespace PocketSam.Models;

/// <summary>
/// Multiply-adds of the networks, counted from their architecture: linear layers, convolutions and attention products
/// as this library computes them. Norms, activations and sums are not counted, as is usual.
/// </summary>
internal static class Flops
{
    /// <summary>Multiply-adds of the image encoder for a square input of <paramref name="size"/> pixels.</summary>
    public static long Encoder(SamConfig config, int size) => config.Encoder switch
    {
        TinyVitConfig tiny => TinyViT(tiny, config.PromptEmbedDim, size),
        DinoVisionTransformerConfig dino => Dino(dino, config.PromptEmbedDim, size),
        VitConfig vit => ViT(vit, config.PromptEmbedDim, size),
        _ => throw new ArgumentException($"unknown encoder {config.Encoder}", nameof(config)),
    };

    /// <summary>Multiply-adds of prompt encoder and mask decoder for one prompt without a mask.</summary>
    /// <param name="config">The architecture.</param>
    /// <param name="size">Side of the model's input in pixels.</param>
    /// <param name="promptTokens">Tokens of the prompt: two for a
    /// point or a box, one more for each further point.</param>
    public static long Decoder(SamConfig config, int size, int promptTokens)
    {
        int side = size / SamConfig.EmbeddingStride;
        long rows = (long)side * side, channels = config.PromptEmbedDim, masks = config.NumMultimaskOutputs + 1;
        long tokens = 1 + masks + promptTokens;
        long crossAttention = Attention(tokens, rows, channels, channels / 2);
        long layer = Attention(tokens, tokens, channels, channels) + 2 * crossAttention
            + tokens * 2 * channels * config.DecoderMlpDim;
        long sum = config.DecoderDepth * layer + crossAttention;

        // Upscaling, a filter for each mask, its product with every place, and the IoU head.
        return sum + Upscaling(rows, channels) + masks * (Filter(channels) + rows * 16 * (channels / 8)) + IouHead(config);
    }

    /// <summary>
    /// Multiply-adds of <see cref="BatchedMaskDecoder"/> for one prompt without a mask, excluding what the prompts of a
    /// picture share: the rows of the first layer are multiplied with tokens as projections, all others as whole rows.
    /// </summary>
    /// <param name="config">The architecture.</param>
    /// <param name="size">Side of the model's input in pixels.</param>
    /// <param name="promptTokens">As for <see cref="Decoder"/>.</param>
    /// <param name="upscaled">Number of masks that are made.</param>
    public static long BatchedDecoder(SamConfig config, int size, int promptTokens, int upscaled)
    {
        int side = size / SamConfig.EmbeddingStride;
        long rows = (long)side * side, channels = config.PromptEmbedDim, inner = channels / 2, depth = config.DecoderDepth;
        long masks = config.NumMultimaskOutputs + 1, tokens = 1 + masks + promptTokens;

        // Scores of each row, its output, and its part of the tokens'
        // sums; three of these are projections in the first layer.
        long sum = 3 * rows * tokens * inner + (4 * depth - 1) * rows * config.DecoderHeads * tokens * channels;

        // Self-attention of the tokens. To image: query, result, and except in the
        // first layer the image's key and value, which are multiplied into the tokens.
        // To tokens: key, value, result, and except in the first layer the query.
        sum += depth * (Attention(tokens, tokens, channels, channels) + tokens * 2 * channels * config.DecoderMlpDim);
        sum += (2 * (depth + 1) + 2 * depth + 3 * depth + depth - 1) * tokens * channels * inner;
        sum += IouHead(config);
        if (upscaled == 0)
            return sum;
        return sum + Upscaling(rows, channels) + upscaled * (Filter(channels) + rows * 16 * (channels / 8));
    }

    private static long TinyViT(TinyVitConfig encoder, int outChannels, int size)
    {
        int[] dims = encoder.EmbedDims;
        long half = (long)size / 2 * (size / 2), rows = half / 4, hidden = (long)dims[0] * encoder.MbConvExpandRatio;
        long sum = half * 9 * 3 * (dims[0] / 2) + rows * 9 * (dims[0] / 2) * dims[0]
            + encoder.Depths[0] * rows * hidden * (dims[0] + 9 + dims[0]);

        int side = size / 4;
        for (int stage = 1; stage < 4; stage++)
        {
            // Patch merging: 1x1 at the input's resolution, depthwise and
            // 1x1 at the output's, which is the same in the last one.
            long dim = dims[stage];
            sum += (long)side * side * dims[stage - 1] * dim;
            side = stage < 3 ? side / 2 : side;
            rows = (long)side * side;
            sum += rows * dim * (9 + dim);
            sum += encoder.Depths[stage] * Block(dim, side, encoder.WindowSizes[stage], encoder.MlpRatio);
        }

        return sum + Neck(rows, dims[3], outChannels);
    }

    /// <summary>
    /// Linear layers process the tokens of the picture only: padding of windows at the edge has no query, and its key
    /// and value are constants. Each query is multiplied with every place of its window, padding included, and has a
    /// term for each row and each column of it.
    /// </summary>
    private static long ViT(VitConfig encoder, int outChannels, int size)
    {
        int side = size / SamConfig.EmbeddingStride;
        long rows = (long)side * side, dim = encoder.EmbedDim;
        long sum = rows * dim * (3 * SamConfig.EmbeddingStride * SamConfig.EmbeddingStride) + Neck(rows, dim, outChannels);
        for (int block = 0; block < encoder.Depth; block++)
        {
            long window = encoder.GlobalAttentionBlocks.Contains(block) ? side : encoder.WindowSize;
            sum += rows * dim * ((4 + 2 * encoder.MlpRatio) * dim + 2 * window * window + 2 * window);
        }

        return sum;
    }

    /// <summary>
    /// A square picture: linear layers process patches, class token and registers; each
    /// query is multiplied with all tokens. Blocks after the last tap are not computed.
    /// The high-resolution features are three convolutions and two projections.
    /// </summary>
    private static long Dino(DinoVisionTransformerConfig encoder, int outChannels, int size)
    {
        int side = size / SamConfig.EmbeddingStride;
        long patches = (long)side * side, tokens = patches + 1 + encoder.RegisterTokens, dim = encoder.EmbedDim;
        long sum = patches * dim * (3 * encoder.PatchSize * encoder.PatchSize);
        sum += encoder.Taps[^1] * tokens * dim * ((4 + 2 * encoder.MlpRatio) * dim + 2 * tokens);
        int[] hidden = encoder.HighResolutionChannels;
        long quarter = 16 * patches, eighth = 4 * patches;
        sum += 64 * patches * 9 * 3 * hidden[0] + quarter * 9 * hidden[0] * hidden[1] + eighth * 9 * hidden[1] * hidden[2];
        sum += quarter * hidden[1] * (outChannels / 8) + eighth * hidden[2] * (outChannels / 4);
        return sum + Neck(patches, encoder.Taps.Length * dim, outChannels);
    }

    private static long Neck(long rows, long channels, long outChannels)
        => rows * outChannels * (channels + 9 * outChannels);

    /// <summary>
    /// Windowed attention and MLP. Query, key and value are computed
    /// for whole windows, including the padding at the edge.
    /// </summary>
    private static long Block(long dim, int side, int window, int mlpRatio)
    {
        long windows = (side + window - 1) / window, area = (long)window * window, rows = (long)side * side;
        long padded = windows * windows * area;
        return padded * dim * (3 * dim + 2 * area) + rows * dim * (dim + 9 + 2 * mlpRatio * dim);
    }

    private static long Upscaling(long rows, long channels)
        => rows * 4 * channels * (channels / 4) + rows * 16 * (channels / 4) * (channels / 8);

    private static long Filter(long channels) => channels * (2 * channels + channels / 8);

    private static long IouHead(SamConfig config)
    {
        long channels = config.PromptEmbedDim, masks = config.NumMultimaskOutputs + 1;
        long hidden = config.IouHeadHiddenDim, layers = config.IouHeadDepth;
        return layers == 1 ? channels * masks : channels * hidden + (layers - 2) * hidden * hidden + hidden * masks;
    }

    /// <summary>
    /// Query and result are projected for one side, key and value for
    /// the other, so it does not matter which side has the queries.
    /// </summary>
    private static long Attention(long queries, long keys, long channels, long inner)
        => 2 * (queries + keys) * channels * inner + 2 * queries * keys * inner;
}
