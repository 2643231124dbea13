using System.Text.Json.Serialization;

namespace PocketSam;

/// <summary>
/// The function between the two layers of CLIP's MLPs. Weights of one give worse numbers with the other and no error: it is read
/// from a configuration and never guessed.
/// </summary>
[JsonConverter(typeof(JsonStringEnumConverter<ClipActivation>))]
public enum ClipActivation
{
    /// <summary>x sigmoid(1.702 x): OpenAI's weights.</summary>
    [JsonStringEnumMemberName("quick_gelu")]
    QuickGelu,

    /// <summary>x Phi(x): most weights of open_clip that were trained on LAION.</summary>
    [JsonStringEnumMemberName("gelu")]
    Gelu,
}
