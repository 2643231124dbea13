using System.Text.Json.Serialization;

namespace PocketSam.Training.Distillation;

/// <summary>Which parts of a student are trained, and which of the teacher's outputs they learn from.</summary>
public enum DistillationScheme
{
    /// <summary>The image encoder, from the teacher's embeddings (MobileSAM, figure 3).</summary>
    [JsonStringEnumMemberName("decoupled")]
    Decoupled,

    /// <summary>The image encoder, from the teacher's masks through the frozen mask decoder (MobileSAM, figure 2 right).</summary>
    [JsonStringEnumMemberName("semi-coupled")]
    SemiCoupled,

    /// <summary>Image encoder and mask decoder, from the teacher's masks (MobileSAM, figure 2 left).</summary>
    [JsonStringEnumMemberName("coupled")]
    Coupled,

    /// <summary>Image encoder and mask decoder, from embeddings, tokens, masks and ground truth (TinySAM, equations 1 to 5).</summary>
    [JsonStringEnumMemberName("full-stage")]
    FullStage,

    /// <summary>
    /// The mask decoder, from the teacher's masks: MobileSAM's optional fine-tuning after decoupled distillation.
    /// </summary>
    [JsonStringEnumMemberName("decoder")]
    Decoder,
}

/// <summary>The names of schemes on the command line.</summary>
public static class DistillationSchemes
{
    private static readonly (DistillationScheme Scheme, string Name)[] Names =
    [
        (DistillationScheme.Decoupled, "decoupled"), (DistillationScheme.SemiCoupled, "semi-coupled"),
        (DistillationScheme.Coupled, "coupled"), (DistillationScheme.FullStage, "full-stage"),
        (DistillationScheme.Decoder, "decoder"),
    ];

    /// <summary>All names.</summary>
    public static IEnumerable<string> All => Names.Select(n => n.Name);

    /// <summary>The name of a scheme.</summary>
    public static string NameOf(this DistillationScheme scheme) => Names.First(n => n.Scheme == scheme).Name;

    /// <summary>The scheme with a name.</summary>
    /// <exception cref="FormatException">There is no such scheme.</exception>
    public static DistillationScheme Parse(string name)
    {
        int i = Array.FindIndex(Names, n => n.Name == name);
        return i >= 0 ? Names[i].Scheme : throw new FormatException($"scheme '{name}': there are {string.Join(", ", All)}");
    }

    /// <summary>Whether the image encoder is trained.</summary>
    internal static bool TrainsEncoder(this DistillationScheme scheme) => scheme != DistillationScheme.Decoder;

    /// <summary>Whether the mask decoder is trained.</summary>
    internal static bool TrainsDecoder(this DistillationScheme scheme)
        => scheme is DistillationScheme.Coupled or DistillationScheme.FullStage or DistillationScheme.Decoder;
}
