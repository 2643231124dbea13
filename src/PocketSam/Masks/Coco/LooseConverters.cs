using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PocketSam.Masks.Coco;

/// <summary>A name or number as text: 7, 7.0 and "7" are the same; anything else is nothing.</summary>
/// <remarks>
/// What is passed over is tried to be skipped: a converter is given whole values, but a reader of a part of a file does not
/// know that and refuses to skip.
/// </remarks>
internal sealed class LooseText : JsonConverter<string?>
{
    /// <inheritdoc/>
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return reader.GetString();
            case JsonTokenType.Number:
                if (reader.TryGetInt64(out long whole))
                    return whole.ToString(CultureInfo.InvariantCulture);
                double number = reader.GetDouble();
                return number == (long)number
                    ? ((long)number).ToString(CultureInfo.InvariantCulture) : number.ToString(CultureInfo.InvariantCulture);
            default:
                reader.TrySkip();
                return null;
        }
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, string? value, JsonSerializerOptions options)
        => writer.WriteStringValue(value);
}

/// <summary>A number, written as one or as text; anything else is nothing.</summary>
internal sealed class LooseNumber : JsonConverter<double?>
{
    /// <inheritdoc/>
    public override double? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Number)
            return reader.GetDouble();
        string? text = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
        reader.TrySkip();
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : null;
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, double? value, JsonSerializerOptions options)
        => writer.WriteNumberValue(value!.Value);
}

/// <summary>Yes or no: true, a number that is not 0, or either as text; anything else is nothing.</summary>
internal sealed class LooseFlag : JsonConverter<bool?>
{
    /// <inheritdoc/>
    public override bool? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        bool? flag = reader.TokenType switch
        {
            JsonTokenType.True => true,
            JsonTokenType.False => false,
            JsonTokenType.Number => reader.GetDouble() != 0,
            JsonTokenType.String => reader.GetString() is "1" or "true" or "True",
            _ => null,
        };
        reader.TrySkip();
        return flag;
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, bool? value, JsonSerializerOptions options)
        => writer.WriteBooleanValue(value!.Value);
}
