using System.Text.Json;
using System.Text.Json.Serialization;

namespace PocketSam;

/// <summary>
/// COCO's JSON of a mask, <c>{"size": [height, width], "counts": ...}</c>: reads counts as the compressed string or as
/// a list of runs, writes the string. What is wrong is told by a <see cref="JsonException"/>.
/// </summary>
public sealed class RleJsonConverter : JsonConverter<Rle>
{
    /// <inheritdoc/>
    public override Rle Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        Expect(reader.TokenType == JsonTokenType.StartObject, "an object with size and counts");
        List<int>? size = null, runs = null;
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
                runs = ReadIntegers(ref reader, "counts is a string or a list of whole numbers");
            else
                reader.Skip();
        }

        Expect(size is [>= 1, >= 1], "size is a list of two whole numbers, height and width, from 1 on");
        Expect(compressed is not null || runs is not null, "counts is missing");
        try
        {
            return compressed is not null
                ? Rle.FromCompressed(compressed, size![0], size[1])
                : Rle.FromCounts([.. runs!], size![0], size[1]);
        }
        catch (Exception e) when (e is FormatException or ArgumentOutOfRangeException)
        {
            throw new JsonException(e.Message, e);
        }
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Rle value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(value);
        Write(writer, value, compressed: true);
    }

    internal static void Write(Utf8JsonWriter writer, Rle value, bool compressed)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("size"u8);
        writer.WriteNumberValue(value.Height);
        writer.WriteNumberValue(value.Width);
        writer.WriteEndArray();
        if (compressed)
        {
            writer.WriteString("counts"u8, value.ToCompressed());
        }
        else
        {
            writer.WriteStartArray("counts"u8);
            foreach (int run in value.Counts)
                writer.WriteNumberValue(run);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private static List<int> ReadIntegers(ref Utf8JsonReader reader, string rule)
    {
        Expect(reader.TokenType == JsonTokenType.StartArray, rule);
        var values = new List<int>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            int value = 0;
            Expect(reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out value), rule);
            values.Add(value);
        }

        return values;
    }

    private static void Expect(bool condition, string rule)
    {
        if (!condition)
            throw new JsonException($"run-length encoding: {rule}");
    }
}
