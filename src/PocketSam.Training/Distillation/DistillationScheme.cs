using System.Text.Json.Serialization;

namespace PocketSam.Training.Distillation;

/// <summary>What a student learns from its teacher, and with which of its parts.</summary>
public enum DistillationScheme
{
    /// <summary>The image encoder alone, from the teacher's embeddings (MobileSAM, figure 3).</summary>
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

    /// <summary>The mask decoder alone, from the teacher's masks: MobileSAM's optional fine-tuning after decoupled distillation.</summary>
    [JsonStringEnumMemberName("decoder")]
    Decoder,
}

/// <summary>Schemes by the names of the command line.</summary>
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

    /// <summary>A scheme's name.</summary>
    public static string NameOf(this DistillationScheme scheme) => Names.First(n => n.Scheme == scheme).Name;

    /// <summary>The scheme of a name.</summary>
    /// <exception cref="FormatException">There is none.</exception>
    public static DistillationScheme Parse(string name)
    {
        int i = Array.FindIndex(Names, n => n.Name == name);
        return i >= 0 ? Names[i].Scheme : throw new FormatException($"scheme '{name}': there are {string.Join(", ", All)}");
    }

    /// <summary>Whether the image encoder learns.</summary>
    internal static bool TrainsEncoder(this DistillationScheme scheme) => scheme != DistillationScheme.Decoder;

    /// <summary>Whether the mask decoder learns.</summary>
    internal static bool TrainsDecoder(this DistillationScheme scheme)
        => scheme is DistillationScheme.Coupled or DistillationScheme.FullStage or DistillationScheme.Decoder;
}
