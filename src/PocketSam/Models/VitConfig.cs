using System.Text.Json.Serialization;

namespace PocketSam;

/// <summary>
/// Architecture of SAM's plain vision transformer (segment_anything/build_sam.py).
/// Its position embeddings are for one input size.
/// </summary>
public sealed record VitConfig : ImageEncoderConfig
{
    /// <summary>Channels of the tokens, a multiple of <see cref="NumHeads"/>.</summary>
    public required int EmbedDim { get; init; }

    /// <summary>Number of blocks.</summary>
    public required int Depth { get; init; }

    /// <summary>Number of attention heads.</summary>
    public required int NumHeads { get; init; }

    /// <summary>
    /// Blocks, counted from 0, with attention over the whole picture; the others have windowed attention.
    /// </summary>
    public required int[] GlobalAttentionBlocks { get; init; }

    /// <summary>Side of the attention windows in tokens.</summary>
    public int WindowSize { get; init; } = 14;

    /// <summary>Hidden channels of a block's MLP over its channels, 1 to 16.</summary>
    public int MlpRatio { get; init; } = 4;

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool FixedInputSize => true;

    [JsonIgnore]
    internal override IEnumerable<string[]> KeysByDepth =>
        [["patch_embed.*", "pos_embed"], .. Enumerable.Range(0, Depth).Select(block => new[] { $"blocks.{block}.*" })];

    internal override void Validate()
    {
        if (EmbedDim is < 1 or > MaxChannels || NumHeads < 1 || EmbedDim % NumHeads != 0)
            throw new ArgumentException($"{EmbedDim} channels do not divide into {NumHeads} heads");
        if (Depth is < 1 or > MaxDepth || WindowSize is < 1 or > MaxDepth || MlpRatio is < 1 or > 16)
        {
            throw new ArgumentException(
                $"the encoder has 1 to {MaxDepth} blocks, windows of 1 to {MaxDepth} tokens, an MLP ratio of 1 to 16");
        }

        if (GlobalAttentionBlocks is null || GlobalAttentionBlocks.Any(block => block < 0 || block >= Depth))
            throw new ArgumentException($"global attention is asked of blocks that {Depth} blocks do not have");
    }
}
