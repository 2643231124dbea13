using System.Text.Json.Serialization;

namespace PocketSam;

/// <summary>Which mask of a model answers a single click first.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FirstMask>))]
public enum FirstMask
{
    /// <summary>Of the masks for ambiguous prompts the one of the highest predicted IoU (segment_anything/predictor.py).</summary>
    [JsonStringEnumMemberName("multi")]
    BestOfMulti,

    /// <summary>The mask for unambiguous prompts; those for ambiguous ones are alternatives to it.</summary>
    [JsonStringEnumMemberName("single")]
    Single,
}
