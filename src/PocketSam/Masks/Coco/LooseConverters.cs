using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PocketSam.Masks.Coco;

/// <summary>A name or number as text: 7, 7.0 and "7" are equal; any other value is null.</summary>
/// <remarks>
/// Other values are skipped with TrySkip: a converter always has the whole value, but a reader over a part of a file
/// cannot know that, and Skip throws.
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

/// <summary>A number, stored as a number or as text; any other value is null.</summary>
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

/// <summary>A flag: a boolean, a number (true unless 0), or either as text; any other value is null.</summary>
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
