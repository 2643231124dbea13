namespace PocketSam;

/// <summary>Weights that others have published and that can be had by name.</summary>
public sealed record PublishedModel
{
    /// <summary>What it is asked for by, for instance <c>mobile_sam</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What it is, in a few words.</summary>
    public required string Title { get; init; }

    /// <summary>
    /// The architecture of <see cref="ModelZoo"/> that it must turn out to be; null for a backbone, which begins a training
    /// (<c>train --init-encoder</c>) and finds no masks, and for a CLIP.
    /// </summary>
    public string? Architecture { get; init; }

    /// <summary>Longest side of the input, pixels.</summary>
    public required int ImageSize { get; init; }

    /// <summary>Size of the publisher's file, roughly, in millions of bytes.</summary>
    public required int Megabytes { get; init; }

    /// <summary>The licence as SPDX names it.</summary>
    public required string Licence { get; init; }

    /// <summary>The publisher's page.</summary>
    public required Uri Source { get; init; }

    /// <summary>The publisher's file.</summary>
    public required Uri Address { get; init; }

    /// <summary>
    /// The configuration that a CLIP of transformers needs beside its weights (<c>config.json</c>), for <c>--text-model</c>; null for
    /// what is no CLIP.
    /// </summary>
    public Uri? ClipConfiguration { get; init; }

    /// <summary>SHA-256 of that file in hexadecimal digits; null where none is known.</summary>
    public string? Sha256 { get; init; }

    /// <summary>The file's id in the publisher's git repository, 40 hexadecimal digits; null where it lies in none.</summary>
    public string? GitBlob { get; init; }

    /// <summary>Name of the publisher's file.</summary>
    public string FileName
    {
        get => field ?? Path.GetFileName(Address.LocalPath);
        init;
    }
}
