using System.Text.Json.Serialization;

namespace PocketSam;

/// <summary>Which mask of a model is the first for a single click.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FirstMask>))]
public enum FirstMask
{
    /// <summary>
    /// The mask with the highest predicted IoU among those for ambiguous prompts (segment_anything/predictor.py).
    /// </summary>
    [JsonStringEnumMemberName("multi")]
    BestOfMulti,

    /// <summary>The mask for unambiguous prompts; those for ambiguous prompts are alternatives.</summary>
    [JsonStringEnumMemberName("single")]
    Single,
}
