using System.Text.Json.Serialization;

namespace PocketSam;

/// <summary>Architecture of a model; stored in a checkpoint's metadata as JSON.</summary>
public sealed record SamConfig
{
    /// <summary>Name of the model, for instance <c>vit_t</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The image encoder.</summary>
    public required ImageEncoderConfig Encoder { get; init; }

    /// <summary>
    /// Longest side of the input in pixels; a multiple of <see cref="ImageEncoderConfig.InputMultiple"/>. An encoder
    /// with a <see cref="ImageEncoderConfig.FixedInputSize"/> accepts only this size; others, which resize their
    /// positions or have none, accept any.
    /// </summary>
    public int ImageSize { get; init; } = 1024;

    /// <summary>Channels of the image embedding, of prompts and of the decoder.</summary>
    public int PromptEmbedDim { get; init; } = 256;

    /// <summary>Channels of the convolutions on mask prompts; a multiple of 4.</summary>
    public int MaskInChannels { get; init; } = 16;

    /// <summary>Layers of the two-way transformer.</summary>
    public int DecoderDepth { get; init; } = 2;

    /// <summary>Attention heads of the two-way transformer.</summary>
    public int DecoderHeads { get; init; } = 8;

    /// <summary>Hidden channels of the two-way transformer's MLP.</summary>
    public int DecoderMlpDim { get; init; } = 2048;

    /// <summary>Masks for an ambiguous prompt; there is one more for unambiguous prompts.</summary>
    public int NumMultimaskOutputs { get; init; } = 3;

    /// <summary>Layers of the IoU head.</summary>
    public int IouHeadDepth { get; init; } = 3;

    /// <summary>Hidden channels of the IoU head.</summary>
    public int IouHeadHiddenDim { get; init; } = 256;

    /// <summary>
    /// Whether the encoder gives the mask decoder features at 1/4 and 1/8 of the input's resolution in addition to the
    /// embedding (as in SAM 2).
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool HighResolutionFeatures { get; init; }

    /// <summary>
    /// The first mask for a single click: by default the one with the highest predicted IoU
    /// among those for ambiguous prompts, as in SAM; with <see cref="FirstMask.Single"/>
    /// the mask for unambiguous prompts, with the others as alternatives.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public FirstMask FirstMask { get; init; }

    /// <summary>Default thresholds for segmenting everything; null for those of SAM and TinySAM.</summary>
    public MaskThresholds? MaskThresholds { get; init; }

    /// <summary>Pixels of the input per token of the image embedding, for every encoder.</summary>
    public const int EmbeddingStride = 16;

    /// <summary>Pixels of the input per value of a low-resolution mask.</summary>
    public const int MaskStride = 4;

    /// <summary>Channels of the encoder's output.</summary>
    [JsonIgnore]
    public int FeatureChannels => HighResolutionFeatures ? 4 * PromptEmbedDim : PromptEmbedDim;

    private const int MaxChannels = ImageEncoderConfig.MaxChannels;

    private const int MaxDepth = ImageEncoderConfig.MaxDepth;

    /// <summary>Checks that the numbers are in range and consistent.</summary>
    /// <exception cref="ArgumentException">They are not; the message says which.</exception>
    public void Validate()
    {
        if (Name is null || Encoder is null)
            throw new ArgumentException("a model needs a name and an encoder");
        Encoder.Validate();
        ValidateImageSize(ImageSize, Encoder.InputMultiple);
        RequireRange(PromptEmbedDim, MaxChannels, nameof(PromptEmbedDim));
        RequireRange(MaskInChannels, MaxChannels, nameof(MaskInChannels));
        RequireRange(DecoderDepth, MaxDepth, nameof(DecoderDepth));
        RequireRange(DecoderHeads, MaxChannels, nameof(DecoderHeads));
        RequireRange(DecoderMlpDim, 16 * MaxChannels, nameof(DecoderMlpDim));
        RequireRange(NumMultimaskOutputs, MaxDepth, nameof(NumMultimaskOutputs));
        RequireRange(IouHeadDepth, MaxDepth, nameof(IouHeadDepth));
        RequireRange(IouHeadHiddenDim, 16 * MaxChannels, nameof(IouHeadHiddenDim));
        if (PromptEmbedDim < 16 || PromptEmbedDim % 8 != 0 || PromptEmbedDim / 2 % DecoderHeads != 0)
            throw new ArgumentException($"{PromptEmbedDim} channels do not divide into {DecoderHeads} decoder heads");
        if (MaskThresholds is { } thresholds
            && (thresholds is not { PredIou: >= 0 and <= 1, StabilityScore: >= 0 and <= 1 }
                || !float.IsFinite(thresholds.HighScore) || thresholds.HighScoreVotes is < 1 or > 64))
        {
            throw new ArgumentException("thresholds of masks lie in 0 ... 1, that of logits is a finite number, votes lie in 1 ... 64");
        }

        if (HighResolutionFeatures != Encoder is DinoVisionTransformerConfig)
            throw new ArgumentException("high-resolution features are given by DINOv2's encoder, and by it alone");
        if (!Enum.IsDefined(FirstMask))
            throw new ArgumentException($"first mask {FirstMask}: not known");
        if (MaskInChannels % 4 != 0)
            throw new ArgumentException($"{MaskInChannels} mask channels are no multiple of 4");
    }

    /// <summary>Checks that the longest side of an input is valid for some model.</summary>
    /// <exception cref="ArgumentException">It is not; the message says why.</exception>
    public static void ValidateImageSize(int size) => ValidateImageSize(size, EmbeddingStride);

    /// <summary>Checks that the longest side of an input is valid for this model.</summary>
    /// <exception cref="ArgumentException">It is not; the message says why.</exception>
    public void ValidateInputSize(int size)
    {
        ValidateImageSize(size, Encoder.InputMultiple);
        if (Encoder.FixedInputSize && size != ImageSize)
        {
            throw new ArgumentException(
                $"input size {size}: {Name} has position embeddings for {ImageSize} pixels and takes no other size");
        }
    }

    private static void ValidateImageSize(int size, int multiple)
    {
        if (size < 64 || size > 4096 || size % multiple != 0)
            throw new ArgumentException($"input size {size}: must be a multiple of {multiple} from 64 to 4096");
    }

    private static void RequireRange(int value, int largest, string name)
    {
        if (value < 1 || value > largest)
            throw new ArgumentException($"{name} is {value}: must lie in 1 ... {largest}");
    }
}
