using System.Text.Json;

namespace PocketSam.Masks;

/// <summary>
/// A run-length encoding in COCO's JSON, <c>{"size": [height, width], "counts": ...}</c>. Missing or inconsistent
/// values are for the caller to report.
/// </summary>
/// <param name="Size">Height and width in pixels.</param>
/// <param name="Compressed">Runs as COCO's compressed string.</param>
/// <param name="Counts">Runs as a list of lengths.</param>
internal sealed record RleJson(int[]? Size, string? Compressed, int[]? Counts)
{
    /// <summary>The JSON of a mask: counts as the compressed string, or as a list of runs.</summary>
    public static RleJson Of(Rle mask, bool compressed = true)
        => new(
            [mask.Height, mask.Width],
            compressed ? mask.ToCompressed() : null,
            compressed ? null : mask.Counts.ToArray());

    /// <summary>Reads an object after its start token; unknown properties are skipped.</summary>
    /// <exception cref="FormatException">A value has the wrong kind; the message states the rule.</exception>
    public static RleJson Read(ref Utf8JsonReader reader)
    {
        int[]? size = null, counts = null;
        string? compressed = null;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            bool isSize = reader.ValueTextEquals("size"u8), isCounts = reader.ValueTextEquals("counts"u8);
            reader.Read();
            if (isSize)
                size = ReadIntegers(ref reader, "size is a list of two whole numbers");
            else if (isCounts && reader.TokenType == JsonTokenType.String)
                compressed = reader.GetString();
            else if (isCounts)
                counts = ReadIntegers(ref reader, "counts is a string or a list of whole numbers");
            else
                reader.TrySkip();
        }

        return new RleJson(size, compressed, counts);
    }

    /// <summary>Writes the object.</summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        WriteIntegers(writer, "size"u8, Size!);
        if (Compressed is not null)
            writer.WriteString("counts"u8, Compressed);
        else
            WriteIntegers(writer, "counts"u8, Counts!);
        writer.WriteEndObject();
    }

    private static int[] ReadIntegers(ref Utf8JsonReader reader, string rule)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new FormatException(rule);
        var values = new List<int>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out int value))
                throw new FormatException(rule);
            values.Add(value);
        }

        return [.. values];
    }

    private static void WriteIntegers(Utf8JsonWriter writer, ReadOnlySpan<byte> name, int[] values)
    {
        writer.WriteStartArray(name);
        foreach (int value in values)
            writer.WriteNumberValue(value);
        writer.WriteEndArray();
    }
}
