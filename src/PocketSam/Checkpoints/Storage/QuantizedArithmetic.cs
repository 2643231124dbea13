using System.Text.Json.Serialization;

namespace PocketSam;

/// <summary>What products with quantised weights are computed in.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<QuantizedArithmetic>))]
public enum QuantizedArithmetic
{
    /// <summary>Floats: weights are unpacked when they are loaded, so that the file alone is smaller.</summary>
    [JsonStringEnumMemberName("float")]
    Float,

    /// <summary>
    /// Whole numbers in the image encoder: each row of what goes into a product is quantised to 8 bits, from its least to its greatest
    /// value; sums have 32 bits and are exact. Depthwise convolutions, attention, norms and the mask decoder stay floats.
    /// </summary>
    [JsonStringEnumMemberName("int8")]
    Int8,
}
