using PocketSam.Layers;
using PocketSam.Tensors;

namespace PocketSam.Models;

/// <summary>
/// The network: image encoder, prompt encoder and mask decoder over one state dict (segment_anything/modeling/sam.py).
/// Works on tensors only; <c>Segmentation</c> handles pictures and users' prompts.
/// </summary>
internal sealed class SamModel
{
    private SamModel(SamConfig config, StateDict state)
    {
        config.Validate();
        Config = config;
        State = state;
        ImageEncoder = ImageEncoder.Create(config, state.Root["image_encoder"]);
        PromptEncoder = new PromptEncoder(config, state.Root["prompt_encoder"]);
        MaskDecoder = new MaskDecoder(config, state.Root["mask_decoder"]);
        BatchedDecoder = new BatchedMaskDecoder(config, state, PromptEncoder, MaskDecoder);
        PromptDecoder = BatchedDecoder;
    }

    private SamModel(SamModel model, ImageEncoder? encoder, PromptDecoder? decoder)
    {
        (Config, State, PromptEncoder, MaskDecoder, BatchedDecoder)
            = (model.Config, model.State, model.PromptEncoder, model.MaskDecoder, model.BatchedDecoder);
        ImageEncoder = encoder ?? model.ImageEncoder;
        PromptDecoder = decoder ?? model.PromptDecoder;
    }

    public SamConfig Config { get; }

    public StateDict State { get; }

    public ImageEncoder ImageEncoder { get; }

    public PromptEncoder PromptEncoder { get; }

    public MaskDecoder MaskDecoder { get; }

    /// <summary>Computes the same as <see cref="Decode"/>, faster and without gradients.</summary>
    public BatchedMaskDecoder BatchedDecoder { get; }

    /// <summary>The model's own vocabulary; null if its checkpoint has none.</summary>
    public WordVocabulary? Words { get; private init; }

    /// <summary>The decoder for prompts: <see cref="BatchedDecoder"/> or its replacement.</summary>
    public PromptDecoder PromptDecoder { get; }

    /// <summary>Number of trained values.</summary>
    public long Parameters => State.Entries.Where(e => e.Trainable).Sum(e => (long)e.Weight.Count);

    /// <summary>A model with initial values.</summary>
    public static SamModel Create(SamConfig config, int seed) => new(config, StateDict.FromSeed(seed));

    /// <summary>A model without values, for its keys and shapes.</summary>
    public static SamModel Describe(SamConfig config) => new(config, StateDict.Unfilled());

    /// <summary>
    /// The model with its encoder or decoder replaced, if not null. With another encoder it has no vocabulary.
    /// </summary>
    public SamModel With(ImageEncoder? encoder, PromptDecoder? decoder)
        => new(this, encoder, decoder) { Words = encoder is null ? Words : null };

    /// <summary>The model without its vocabulary.</summary>
    public SamModel WithoutWords() => new(this, null, null);

    /// <summary>
    /// A model from a checkpoint; <paramref name="config"/> overrides the checkpoint's own architecture. A frozen model
    /// is for inference only: its weights are in memory once, in the form that the products need.
    /// </summary>
    /// <exception cref="CheckpointFormatException">The checkpoint does not have this architecture.</exception>
    public static SamModel FromCheckpoint(Checkpoint checkpoint, SamConfig? config = null, bool isFrozen = false)
    {
        config ??= ModelZoo.FromCheckpoint(checkpoint);
        var model = new SamModel(config, StateDict.FromCheckpoint(checkpoint, isFrozen)) { Words = WordVocabulary.Of(checkpoint) };
        model.State.RefuseUnknownKeys(IsUnused);
        return model;
    }

    /// <summary>
    /// Metadata for a checkpoint of this model; <paramref name="imageSize"/> overrides its input size.
    /// </summary>
    public Dictionary<string, string> Metadata(int? imageSize = null) => new()
    {
        [ModelZoo.MetadataKey] = ModelZoo.ToJson(Config with { ImageSize = imageSize ?? Config.ImageSize }),
    };

    /// <summary>Computes logits [P, masks, (4 side)^2] and predicted IoU [P, masks].</summary>
    /// <param name="features">The encoder's features of one picture, [1, side, side, FeatureChannels]
    /// (<see cref="SamConfig.FeatureChannels"/>).</param>
    /// <param name="tokens">Points of all prompts, the same number for each.</param>
    /// <param name="prompts">Number of prompts.</param>
    /// <param name="masks">Logits of mask prompts, [P, 4 side, 4 side, 1], for all prompts, or null for none.</param>
    public DecodedMasks Decode(Tensor features, ReadOnlySpan<PromptToken> tokens, int prompts, Tensor? masks)
    {
        int side = features.Shape[1];
        Tensor embedding = DecoderFeatures.Embedding(features, Config.PromptEmbedDim);
        Tensor sparse = PromptEncoder.EmbedPoints(tokens, prompts, side * SamConfig.EmbeddingStride);
        Tensor image = masks is null
            ? embedding.AddRepeated(PromptEncoder.NoMask).RepeatItems(prompts)
            : PromptEncoder.EmbedMasks(masks).AddRepeated(embedding);
        return MaskDecoder.Forward(
            image, PromptEncoder.DensePositions(side), sparse,
            Config.HighResolutionFeatures ? DecoderFeatures.HighResolution(features, Config.PromptEmbedDim) : null);
    }

    /// <summary>Whether a key of official checkpoints is not used by the network.</summary>
    public static bool IsUnused(string key)
        => key.EndsWith("num_batches_tracked", StringComparison.Ordinal)
        || key.EndsWith("attention_bias_idxs", StringComparison.Ordinal)
        || key.StartsWith("image_encoder.head.", StringComparison.Ordinal)
        || key.StartsWith("image_encoder.norm_head.", StringComparison.Ordinal)
        || key.StartsWith(WordVocabulary.KeyPrefix, StringComparison.Ordinal)
        || key is "pixel_mean" or "pixel_std";
}
