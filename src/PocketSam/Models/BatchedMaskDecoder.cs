using PocketSam.Kernels;
using PocketSam.Kernels.Decoder;
using PocketSam.Kernels.Vectors;
using PocketSam.Layers;
using PocketSam.Tensors;

namespace PocketSam.Models;

/// <summary>
/// The fast path of prompt encoder and mask decoder: many prompts on one picture, without gradients.
/// <see cref="Decode"/> runs the transformer and predicts the IoU for a batch; <see cref="Upscale"/> makes only the
/// wanted masks. The result for a prompt does not depend on the others of its batch.
/// </summary>
internal sealed unsafe class BatchedMaskDecoder(
    SamConfig config, StateDict state, PromptEncoder prompts, MaskDecoder decoder) : PromptDecoder
{
    /// <summary>
    /// Floats that a batch may hold until its masks are made, 76 MiB: mostly the image rows of each prompt.
    /// </summary>
    private const int BatchFloats = 19 << 20;

    /// <summary>Largest batch; larger ones are not faster.</summary>
    private const int MaxBatch = 64;

    /// <summary>Panels of image rows in a part of the upscaling.</summary>
    private const int PartPanels = 16;

    private readonly Lock _gate = new();
    private TensorBuffer? _positions;
    private int _positionsSide, _positionsVersion;

    public override bool IsCurrent(PreparedImage image) => image.Decoder == this && image.Version == state.Version;

    public override int PromptsAtOnce(int side, int promptTokens)
    {
        int rows = side * side, tokens = 1 + decoder.MaskTokens + promptTokens;
        nint each = PackedImage.Size(rows, config.PromptEmbedDim) + BatchedTransformer.FloatsBeside(config, rows, tokens);
        return (int)Math.Clamp(BatchFloats / each, 1, MaxBatch);
    }

    public override PreparedRows Prepare(Tensor features)
    {
        int version = state.Version, rows = features.Rows, stride = features.Channels, channels = config.PromptEmbedDim, inner = channels / 2;
        MultiHeadAttention tokenToImage = decoder.Transformer.Layers[0].TokenToImage;
        MultiHeadAttention imageToToken = decoder.Transformer.Layers[0].ImageToToken;
        TensorBuffer positions = Positions(features.Shape[1]);
        TensorBuffer image = BufferPool.Rent(PackedImage.Size(rows, channels));
        PackedImage.Pack(features.Data, stride, rows, channels, prompts.NoMask.Data, image.Data);
        var prepared = new PreparedRows
        {
            Features = features,
            Positions = positions,
            Rows = image,
            Keys = Project(tokenToImage.Key.Weights, biased: false, positions.Data),
            Values = Project(tokenToImage.Value.Weights, biased: true, null),
            Queries = Project(imageToToken.Query.Weights, biased: true, positions.Data),
            HighResolution = config.HighResolutionFeatures ? PackHighResolution() : null,
            Decoder = this,
            Version = version,
        };
        GC.KeepAlive(positions);
        return prepared;

        TensorBuffer PackHighResolution()
        {
            TensorBuffer target = BufferPool.Rent(PackedImage.Size(rows, 3 * channels));
            PackedImage.Pack(features.Data + channels, stride, rows, 3 * channels, null, target.Data);
            return target;
        }

        TensorBuffer Project(BiasedWeight weights, bool biased, float* placed)
        {
            TensorBuffer target = BufferPool.Rent(PackedImage.Size(rows, inner));
            PackedImage.Project(
                image.Data, placed, rows, channels, weights.Weight.Value.Data, biased ? weights.Bias.Value.Data : null, inner,
                target.Data);
            return target;
        }
    }

    /// <summary>Runs the transformer for a batch of prompts; requires <see cref="Tape.Fuses"/>.</summary>
    /// <exception cref="InvalidOperationException">The tape does not fuse.</exception>
    public override DecodedRows Decode(PreparedImage image, ReadOnlySpan<PromptToken> tokens, int count, Tensor? masks)
    {
        var picture = (PreparedRows)image;
        if (!Tape.Fuses)
            throw new InvalidOperationException($"no single ops are made here: {nameof(SamModel)}.{nameof(SamModel.Decode)} has them");
        using Tape.LayerScope layer = Tape.Enter(decoder.Key);
        int side = image.Side, channels = config.PromptEmbedDim, imageRows = side * side;
        int size = checked((int)PackedImage.Size(imageRows, channels));
        Tensor points = decoder.AllTokens(prompts.EmbedPoints(tokens, count, side * SamConfig.EmbeddingStride));
        Tensor rows = Tape.New([count, size]);
        for (int i = 0; i < count && masks is not null; i++)
        {
            // One by one, since the convolutions' intermediate results take more memory than the rows.
            using Tape tape = Tape.Inference();
            Tensor mask = Tape.New([1, masks.Shape[1], masks.Shape[2], 1]);
            masks.Span.Slice(i * (int)mask.Count, (int)mask.Count).CopyTo(mask.Span);
            Tensor own = prompts.EmbedMasks(mask).Add(DecoderFeatures.Embedding(image.Features, channels));
            PackedImage.Pack(own.Data, imageRows, channels, null, rows.Data + (nint)i * size);
        }

        var transformer = new BatchedTransformer(
            config, decoder.Transformer, picture, rows, shared: masks is null, count, points.Shape[1]);
        Tensor result = transformer.Forward(points);
        GC.KeepAlive(image);
        return new DecodedRows(result, decoder.PredictedIou(result), rows, picture);
    }

    public override Tensor Upscale(DecodedPrompts decoded, ReadOnlySpan<MaskChoice> choices)
    {
        var found = (DecodedRows)decoded;
        using Tape.LayerScope layer = Tape.Enter(decoder.Key);
        int side = decoded.Side, channels = config.PromptEmbedDim, outer = channels / 8;
        int size = SamConfig.EmbeddingStride / SamConfig.MaskStride * side;
        Tensor logits = Tape.New([choices.Length, size, size]), filters = Filters(found.Tokens, choices);
        (int Prompt, int Start, int Count)[] runs = [.. Runs(choices)];
        float* bias1 = Repeated(decoder.Upscale1.Weights.Bias), bias2 = Repeated(decoder.Upscale2.Weights.Bias);
        int panels = PackedImage.Panels(side * side), parts = (panels + PartPanels - 1) / PartPanels;
        long upscaling = (long)channels * channels / 4 * 4 + (long)channels / 4 * (channels / 8) * 16;
        long multiplyAdds = (long)side * side * (runs.Length * upscaling + choices.Length * 16L * outer);
        Tape.RunInto(logits, new FusedOp("MaskUpscale", multiplyAdds, _ => Workers.For(runs.Length * parts, i =>
        {
            ((int prompt, int start, int count), int part) = (runs[i / parts], i % parts);
            Simd.Run(new MaskUpscaleKernel
            {
                Channels = channels,
                Side = side,
                Masks = count,
                Start = part * PartPanels,
                End = Math.Min(panels, (part + 1) * PartPanels),
                Rows = found.Rows.Data + (nint)prompt * found.Rows.Channels,
                Weights1 = decoder.Upscale1.Weights.Weight.Value.Data,
                Bias1 = bias1,
                NormGain = decoder.UpscaleNorm.Weights.Weight.Value.Data,
                NormBias = decoder.UpscaleNorm.Weights.Bias.Value.Data,
                Epsilon = decoder.UpscaleNorm.Epsilon,
                Weights2 = decoder.Upscale2.Weights.Weight.Value.Data,
                Bias2 = bias2,
                HighResolution = found.Picture.HighResolution is { } fine ? fine.Data : null,
                Filters = filters.Data + (nint)start * outer,
                Logits = logits.Data + (nint)start * size * size,
            });
        })), found.Rows, filters);
        GC.KeepAlive(found);
        return logits;
    }

    /// <summary>The filter of each chosen mask, [choices, C/8].</summary>
    private Tensor Filters(Tensor tokens, ReadOnlySpan<MaskChoice> choices)
    {
        int outer = config.PromptEmbedDim / 8;
        Tensor filters = Tape.New([choices.Length, outer]);
        var all = new Tensor?[decoder.MaskTokens];
        for (int i = 0; i < choices.Length; i++)
        {
            Tensor filter = all[choices[i].Mask] ??= decoder.Filter(tokens, choices[i].Mask);
            filter.Span.Slice(choices[i].Prompt * outer, outer).CopyTo(filters.Span[(i * outer)..]);
        }

        return filters;
    }

    /// <summary>Runs of consecutive choices of one prompt.</summary>
    private static List<(int Prompt, int Start, int Count)> Runs(ReadOnlySpan<MaskChoice> choices)
    {
        List<(int Prompt, int Start, int Count)> runs = [];
        for (int i = 0; i < choices.Length; i++)
        {
            if (runs.Count > 0 && runs[^1].Prompt == choices[i].Prompt)
                runs[^1] = runs[^1] with { Count = runs[^1].Count + 1 };
            else
                runs.Add((choices[i].Prompt, i, 1));
        }

        return runs;
    }

    /// <summary>A transposed convolution's bias, repeated for each cell of its result, <c>[4, out]</c>.</summary>
    private static float* Repeated(Weight bias)
    {
        Span<float> values = bias.Value.Span;
        float* repeated = Tape.Temporary(4 * values.Length);
        for (int i = 0; i < 4; i++)
            values.CopyTo(new Span<float>(repeated + i * values.Length, values.Length));
        return repeated;
    }

    /// <summary>The positions of the image rows, cached for the last size.</summary>
    private TensorBuffer Positions(int side)
    {
        lock (_gate)
        {
            if (_positions is null || _positionsSide != side || _positionsVersion != state.Version)
            {
                int rows = side * side;
                using Tape tape = Tape.Inference();
                Tensor positions = prompts.DensePositions(side);
                (_positionsSide, _positionsVersion) = (side, state.Version);
                _positions = TensorBuffer.Allocate(PackedImage.Size(rows, config.PromptEmbedDim));
                PackedImage.Pack(positions.Data, rows, config.PromptEmbedDim, null, _positions.Data);
            }

            return _positions;
        }
    }
}
