using PocketSam.Models;
using PocketSam.Tensors;

namespace PocketSam.Tests.Models;

/// <summary>The rearranged decoder against the plain one.</summary>
[Trait("Category", "Simd")]
public sealed class BatchedMaskDecoderTests
{
    /// <summary>Largest difference over the largest value: float32 sums in another order.</summary>
    private const float Tolerance = 2e-5f;

    private static readonly SamConfig Deep = ModelZoo.Nano with { DecoderDepth = 3, NumMultimaskOutputs = 5, IouHeadDepth = 1 };
    private static readonly SamConfig Shallow = ModelZoo.Nano with { DecoderDepth = 1, DecoderHeads = 4 };

    /// <summary>Model, side of the embedding, prompts, tokens of a prompt, mask prompts.</summary>
    public static TheoryData<SamConfig, int, int, int, bool> Cases
    {
        get
        {
            var cases = new TheoryData<SamConfig, int, int, int, bool>();
            foreach (int tokens in Enumerable.Range(2, 9))
                cases.Add(ModelZoo.Nano, 4, 2, tokens, tokens % 2 == 0);
            foreach (bool masked in new[] { false, true })
            {
                cases.Add(ModelZoo.Nano, 12, 5, 3, masked);
                cases.Add(Deep, 8, 2, 2, masked);
                cases.Add(Shallow, 8, 2, 4, masked);
                cases.Add(ModelZoo.Pocket, 20, 2, 2, masked);
                cases.Add(ModelZoo.Pocket, 40, 1, 3, masked);
            }

            SamConfig fine = DinoVisionTransformerTests.Small();
            cases.Add(fine, 4, 2, 2, false);
            cases.Add(fine, 9, 3, 3, true);
            cases.Add(ModelZoo.Nano, 4, 1, 70, false);
            cases.Add(ModelZoo.Nano, 4, 2, 0, true); // a mask alone
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Equals_the_plain_decoder(SamConfig config, int side, int prompts, int count, bool masked)
    {
        SamModel model = MadeUpWeights.Create(config);
        Tensor embedding = Samples.Tensor(1, 1, side, side, config.FeatureChannels);
        Tensor? masks = masked ? Samples.Tensor(2, prompts, 4 * side, 4 * side, 1) : null;
        PromptToken[] tokens = Tokens(prompts, count, 16 * side);
        using Tape tape = Tape.Inference();
        (Tensor logits, Tensor iou) = model.Decode(embedding, tokens, prompts, masks);

        BatchedMaskDecoder decoder = model.BatchedDecoder;
        DecodedPrompts decoded = decoder.Decode(decoder.Prepare(embedding), tokens, prompts, masks);
        Tensor all = decoder.Upscale(decoded, Every(prompts, iou.Channels));

        AssertClose(iou, decoded.Iou);
        AssertClose(logits, all);
    }

    [Fact]
    public void Only_chosen_masks_are_made_and_each_as_if_alone()
    {
        const int Prompts = 3, Side = 8;
        SamModel model = MadeUpWeights.Create(ModelZoo.Nano);
        BatchedMaskDecoder decoder = model.BatchedDecoder;
        PreparedImage image = decoder.Prepare(Samples.Tensor(1, 1, Side, Side, 32));
        PromptToken[] tokens = Tokens(Prompts, 2, 16 * Side);
        using Tape tape = Tape.Inference();
        DecodedPrompts together = decoder.Decode(image, tokens, Prompts, null);
        float[] all = decoder.Upscale(together, Every(Prompts, 4)).Span.ToArray();
        MaskChoice[] choices = [new(0, 2), new(2, 0), new(2, 3)];
        Tensor some = decoder.Upscale(together, choices);

        Assert.Equal([3, 4 * Side, 4 * Side], some.Shape);
        int area = 16 * Side * Side;
        for (int i = 0; i < choices.Length; i++)
        {
            (int prompt, int mask) = choices[i];
            ReadOnlySpan<float> expected = all.AsSpan((prompt * 4 + mask) * area, area);
            Assert.True(expected.SequenceEqual(some.Span.Slice(i * area, area)));
            DecodedPrompts alone = decoder.Decode(image, tokens.AsSpan(2 * prompt, 2), 1, null);
            Assert.True(expected.SequenceEqual(decoder.Upscale(alone, [new(0, mask)]).Span));
            Assert.True(together.Iou.Span.Slice(4 * prompt, 4).SequenceEqual(alone.Iou.Span));
        }

        Assert.Equal(0, decoder.Upscale(together, []).Count);
    }

    [Fact]
    public void What_was_prepared_is_known_until_a_weight_changes()
    {
        SamModel model = MadeUpWeights.Create(ModelZoo.Nano), other = MadeUpWeights.Create(ModelZoo.Nano);
        PreparedImage image = model.BatchedDecoder.Prepare(Samples.Tensor(1, 1, 4, 4, 32));
        Assert.True(model.BatchedDecoder.IsCurrent(image));
        Assert.False(other.BatchedDecoder.IsCurrent(image));
        foreach (string key in new[]
            {
                "prompt_encoder.no_mask_embed.weight", "prompt_encoder.pe_layer.positional_encoding_gaussian_matrix",
                "mask_decoder.transformer.layers.0.cross_attn_token_to_image.v_proj.bias",
                "mask_decoder.transformer.layers.0.cross_attn_image_to_token.q_proj.weight",
            })
        {
            model.State.Entries.Single(e => e.Key == key).Weight.Changed();
            Assert.False(model.BatchedDecoder.IsCurrent(image));
            image = model.BatchedDecoder.Prepare(image.Features);
            Assert.True(model.BatchedDecoder.IsCurrent(image));
        }
    }

    [Fact]
    public void Changed_weights_are_seen()
    {
        SamModel model = MadeUpWeights.Create(ModelZoo.Nano);
        BatchedMaskDecoder decoder = model.BatchedDecoder;
        Tensor embedding = Samples.Tensor(1, 1, 8, 8, 32);
        PromptToken[] tokens = Tokens(1, 3, 128);
        using Tape tape = Tape.Inference();
        decoder.Decode(decoder.Prepare(embedding), tokens, 1, null);
        int seed = 5;
        foreach (var entry in model.State.Entries.Where(e => !e.Key.StartsWith("image_encoder", StringComparison.Ordinal)))
        {
            float[] noise = Samples.Uniform((int)entry.Weight.Value.Count, seed++, 0.05f);
            for (int i = 0; i < noise.Length; i++)
                entry.Weight.Value.Span[i] += noise[i];
            entry.Weight.Changed();
        }

        (Tensor logits, Tensor iou) = model.Decode(embedding, tokens, 1, null);
        DecodedPrompts decoded = decoder.Decode(decoder.Prepare(embedding), tokens, 1, null);
        AssertClose(iou, decoded.Iou);
        AssertClose(logits, decoder.Upscale(decoded, Every(1, 4)));
    }

    [Fact]
    public void A_batch_is_bounded_by_its_memory()
    {
        // vit_t: 4 MiB of image rows a prompt; a thousand points take ten times as much beside them.
        BatchedMaskDecoder large = SamModel.Create(ModelZoo.VitT, seed: 1).BatchedDecoder;
        Assert.Equal(16, large.PromptsAtOnce(64, 2));
        Assert.Equal(1, large.PromptsAtOnce(64, 1000));
        BatchedMaskDecoder small = SamModel.Create(ModelZoo.Nano, seed: 1).BatchedDecoder;
        Assert.Equal(64, small.PromptsAtOnce(4, 2));
        Assert.Equal(9, small.PromptsAtOnce(256, 2));
    }

    /// <summary>Every mask of every prompt.</summary>
    internal static MaskChoice[] Every(int prompts, int masks)
        => [.. Enumerable.Range(0, prompts * masks).Select(i => new MaskChoice(i / masks, i % masks))];

    /// <summary>Points anywhere, of any kind.</summary>
    internal static PromptToken[] Tokens(int prompts, int count, int size)
    {
        var random = new Random(3);
        return
        [
            .. Enumerable.Range(0, prompts * count).Select(_ => new PromptToken(
                random.NextSingle() * size, random.NextSingle() * size, (PointLabel)random.Next(-1, 4))),
        ];
    }

    private static void AssertClose(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        float largest = expected.Span.ToArray().Max(MathF.Abs), worst = 0;
        for (int i = 0; i < expected.Count; i++)
        {
            float difference = MathF.Abs(expected.Span[i] - actual.Span[i]);
            worst = difference <= worst ? worst : difference;
        }

        Assert.True(worst <= Tolerance * largest, $"largest difference {worst} of {largest}");
    }
}
