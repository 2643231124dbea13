namespace PocketSam;

/// <summary>Published weights of others, available by name.</summary>
public sealed record PublishedModel
{
    /// <summary>The name, for instance <c>mobile_sam</c>.</summary>
    public required string Name { get; init; }

    /// <summary>A short description.</summary>
    public required string Title { get; init; }

    /// <summary>
    /// The expected architecture in <see cref="ModelZoo"/>; null for a backbone, which starts a training
    /// (<c>train --init-encoder</c>) and finds no masks, and for a CLIP model.
    /// </summary>
    public string? Architecture { get; init; }

    /// <summary>Longest side of the input in pixels.</summary>
    public required int ImageSize { get; init; }

    /// <summary>Approximate size of the publisher's file, in millions of bytes.</summary>
    public required int Megabytes { get; init; }

    /// <summary>SPDX identifier of the licence.</summary>
    public required string Licence { get; init; }

    /// <summary>Address of the publisher's page.</summary>
    public required Uri Source { get; init; }

    /// <summary>Address of the publisher's file.</summary>
    public required Uri Address { get; init; }

    /// <summary>
    /// Address of the configuration of a CLIP model of transformers (<c>config.json</c>), for <c>--text-model</c>; null
    /// for other models.
    /// </summary>
    public Uri? ClipConfiguration { get; init; }

    /// <summary>SHA-256 of the publisher's file, 64 hexadecimal digits; null if unknown.</summary>
    public string? Sha256 { get; init; }

    /// <summary>
    /// Blob id of the publisher's file in its git repository, 40 hexadecimal digits; null if it is in none.
    /// </summary>
    public string? GitBlob { get; init; }

    /// <summary>Name of the publisher's file.</summary>
    public string FileName
    {
        get => field ?? Path.GetFileName(Address.LocalPath);
        init;
    }
}
