using System.Text.Json.Serialization;

namespace PocketSam;

/// <summary>
/// Architecture of DINOv2's vision transformer (dinov2/models/vision_transformer.py; sizes S, B and L, with or without
/// register tokens) under a neck that joins the tokens of several depths.
/// <para>
/// Each cell of the embedding, <see cref="SamConfig.EmbeddingStride"/> pixels of the input, is one patch of 14 pixels
/// for the transformer: an input of 592 is a picture of 518 pixels, 736 one of 644, 880 one of 770. The picture's sides
/// are rounded to whole cells, and only patches of the picture are computed.
/// </para>
/// </summary>
public sealed record DinoVisionTransformerConfig : ImageEncoderConfig
{
    /// <summary>Channels of the tokens, a multiple of <see cref="NumHeads"/>.</summary>
    public required int EmbedDim { get; init; }

    /// <summary>Number of blocks.</summary>
    public required int Depth { get; init; }

    /// <summary>Number of attention heads.</summary>
    public required int NumHeads { get; init; }

    /// <summary>Blocks, counted from 1, after which tokens go to the neck; ascending.</summary>
    public required int[] Taps { get; init; }

    /// <summary>Number of register tokens, 0 to 64.</summary>
    public int RegisterTokens { get; init; }

    /// <summary>Rows and columns of the learned positions, which are resized to the picture.</summary>
    public int PositionSide { get; init; } = 37;

    /// <summary>Hidden channels of a block's MLP over its channels, 1 to 16.</summary>
    public int MlpRatio { get; init; } = 4;

    /// <summary>Channels of the three convolutions for the high-resolution features.</summary>
    public int[] HighResolutionChannels { get; init; } = [24, 48, 64];

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool FixedInputSize => false;

    /// <inheritdoc/>
    [JsonIgnore]
    public override int InputMultiple => SamConfig.EmbeddingStride;

    /// <inheritdoc/>
    [JsonIgnore]
    public override int SideMultiple => SamConfig.EmbeddingStride;

    [JsonIgnore]
    internal override int PatchSize => 14;

    [JsonIgnore]
    internal override IEnumerable<string[]> KeysByDepth =>
        [["patch_embed.*", "pos_embed", "*_token*"], .. Enumerable.Range(0, Depth).Select(block => new[] { $"blocks.{block}.*" })];

    internal override void Validate()
    {
        if (EmbedDim is < 1 or > MaxChannels || NumHeads < 1 || EmbedDim % NumHeads != 0)
            throw new ArgumentException($"{EmbedDim} channels do not divide into {NumHeads} heads");
        if (Depth is < 1 or > MaxDepth || MlpRatio is < 1 or > 16 || RegisterTokens is < 0 or > 64 || PositionSide is < 1 or > 256)
        {
            throw new ArgumentException(
                $"the encoder has 1 to {MaxDepth} blocks, an MLP ratio of 1 to 16, up to 64 registers, 1 to 256 positions a side");
        }

        if (Taps is not { Length: > 0 } || Taps.Where((tap, i) => tap < 1 || tap > Depth || (i > 0 && tap <= Taps[i - 1])).Any())
            throw new ArgumentException($"taps are numbers of blocks from 1 to {Depth} in rising order");
        if (HighResolutionChannels is not { Length: 3 } || HighResolutionChannels.Any(c => c is < 1 or > MaxChannels))
            throw new ArgumentException($"high-resolution features are made by three convolutions of 1 to {MaxChannels} channels");
    }
}
