namespace PocketSam.Models;

/// <summary>Architecture numbers of a TinyViT image encoder (TinyViT, ECCV 2022; MobileSAM's tiny_vit_sam.py).</summary>
public sealed record TinyVitConfig
{
    /// <summary>Channels of the four stages, each a multiple of its heads.</summary>
    public required int[] EmbedDims { get; init; }

    /// <summary>Blocks of each stage; the first stage's are MBConv, the others' are transformer blocks.</summary>
    public required int[] Depths { get; init; }

    /// <summary>Attention heads of each stage; the first number is unused.</summary>
    public required int[] NumHeads { get; init; }

    /// <summary>Side of the attention windows of each stage in tokens; the first number is unused.</summary>
    public required int[] WindowSizes { get; init; }

    /// <summary>Hidden channels of a transformer block's MLP over its channels.</summary>
    public int MlpRatio { get; init; } = 4;

    /// <summary>Hidden channels of an MBConv over its channels.</summary>
    public int MbConvExpandRatio { get; init; } = 4;
}
