using System.Text.Json.Serialization;

namespace PocketSam;

/// <summary>The arithmetic of products with quantised weights.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<QuantizedArithmetic>))]
public enum QuantizedArithmetic
{
    /// <summary>Floats: weights are dequantised on loading, so only the file is smaller.</summary>
    [JsonStringEnumMemberName("float")]
    Float,

    /// <summary>
    /// Integers in the image encoder: each row of a product's input is quantised
    /// to 8 bits between its minimum and maximum; sums have 32 bits and are exact.
    /// Depthwise convolutions, attention, norms and the mask decoder use floats.
    /// </summary>
    [JsonStringEnumMemberName("int8")]
    Int8,
}
