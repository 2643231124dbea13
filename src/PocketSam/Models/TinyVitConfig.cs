using System.Text.Json.Serialization;

namespace PocketSam;

/// <summary>Architecture of a TinyViT image encoder (TinyViT, arXiv:2207.10666; MobileSAM's tiny_vit_sam.py).</summary>
public sealed record TinyVitConfig : ImageEncoderConfig
{
    /// <summary>Channels of the four stages, each a multiple of its heads.</summary>
    public required int[] EmbedDims { get; init; }

    /// <summary>Blocks of each stage; those of the first stage are MBConv, the others transformer blocks.</summary>
    public required int[] Depths { get; init; }

    /// <summary>Attention heads of each stage; the first value is unused.</summary>
    public required int[] NumHeads { get; init; }

    /// <summary>Side of the attention windows of each stage in tokens; the first value is unused.</summary>
    public required int[] WindowSizes { get; init; }

    /// <summary>Hidden channels of a transformer block's MLP over its channels, 1 to 16.</summary>
    public int MlpRatio { get; init; } = 4;

    /// <summary>Hidden channels of an MBConv over its channels, 1 to 16.</summary>
    public int MbConvExpandRatio { get; init; } = 4;

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool FixedInputSize => false;

    [JsonIgnore]
    internal override IEnumerable<string[]> KeysByDepth =>
    [
        ["patch_embed.*"],
        .. Depths.SelectMany((blocks, stage) => Enumerable.Range(0, blocks).Select(block => block < blocks - 1 || stage == 3
            ? [$"layers.{stage}.blocks.{block}.*"] : new[] { $"layers.{stage}.blocks.{block}.*", $"layers.{stage}.downsample.*" })),
    ];

    internal override void Validate()
    {
        int[][] stages = [EmbedDims, Depths, NumHeads, WindowSizes];
        if (stages.Any(s => s is not { Length: 4 } || s.Any(v => v < 1 || v > MaxChannels)))
            throw new ArgumentException("the encoder needs four stages of positive numbers");
        if (Depths.Concat(WindowSizes).Any(v => v > MaxDepth))
            throw new ArgumentException($"stages have at most {MaxDepth} blocks, windows are at most {MaxDepth} wide");
        for (int i = 1; i < 4; i++)
        {
            if (EmbedDims[i] % NumHeads[i] != 0)
                throw new ArgumentException($"stage {i}: {EmbedDims[i]} channels are no multiple of {NumHeads[i]} heads");
        }

        if (EmbedDims[0] % 2 != 0 || MlpRatio is < 1 or > 16 || MbConvExpandRatio is < 1 or > 16)
            throw new ArgumentException("the first stage needs an even number of channels, ratios lie in 1 ... 16");
    }
}
