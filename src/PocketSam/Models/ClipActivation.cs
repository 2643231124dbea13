using System.Text.Json.Serialization;

namespace PocketSam;

/// <summary>
/// The activation function in CLIP's MLPs. Weights for one silently give worse results with the other, so it is read
/// from a configuration and never guessed.
/// </summary>
[JsonConverter(typeof(JsonStringEnumConverter<ClipActivation>))]
public enum ClipActivation
{
    /// <summary>x sigmoid(1.702 x), used by OpenAI's weights.</summary>
    [JsonStringEnumMemberName("quick_gelu")]
    QuickGelu,

    /// <summary>x Phi(x), used by most weights of open_clip that were trained on LAION.</summary>
    [JsonStringEnumMemberName("gelu")]
    Gelu,
}
