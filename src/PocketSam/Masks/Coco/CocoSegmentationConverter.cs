using System.Text.Json;
using System.Text.Json.Serialization;

namespace PocketSam.Masks.Coco;

/// <summary>
/// Tells the three forms of <c>segmentation</c> apart by what stands in the file. What is none of them is skipped
/// and noted, for only who reads on knows which annotation it belongs to.
/// </summary>
internal sealed class CocoSegmentationConverter : JsonConverter<CocoSegmentation>
{
    public override CocoSegmentation Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        Utf8JsonReader start = reader;
        try
        {
            return reader.TokenType switch
            {
                JsonTokenType.StartArray => new CocoSegmentation { Polygons = ReadPolygons(ref reader) },
                JsonTokenType.StartObject => ReadRuns(ref reader),
                _ => throw new FormatException(
                    "a segmentation is a list of polygons or an object with size and counts"),
            };
        }
        catch (FormatException exception)
        {
            reader = start;
            reader.Skip();
            return new CocoSegmentation { Problem = exception.Message };
        }
    }

    public override void Write(Utf8JsonWriter writer, CocoSegmentation value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("size"u8);
        foreach (int side in value.Size!)
            writer.WriteNumberValue(side);
        writer.WriteEndArray();
        writer.WriteString("counts"u8, value.Compressed);
        writer.WriteEndObject();
    }

    private static List<double[]> ReadPolygons(ref Utf8JsonReader reader)
    {
        var polygons = new List<double[]>(1);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            Expect(ref reader, JsonTokenType.StartArray, "each polygon is a list of numbers");
            var coordinates = new List<double>();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                Expect(ref reader, JsonTokenType.Number, "each polygon is a list of numbers");
                coordinates.Add(reader.GetDouble());
            }

            polygons.Add([.. coordinates]);
        }

        return polygons;
    }

    private static CocoSegmentation ReadRuns(ref Utf8JsonReader reader)
    {
        int[]? size = null, counts = null;
        string? compressed = null;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            bool isSize = reader.ValueTextEquals("size"u8);
            bool isCounts = reader.ValueTextEquals("counts"u8);
            reader.Read();
            if (isSize)
                size = ReadIntegers(ref reader, "size is a list of two whole numbers");
            else if (isCounts && reader.TokenType == JsonTokenType.String)
                compressed = reader.GetString();
            else if (isCounts)
                counts = ReadIntegers(ref reader, "counts is a string or a list of whole numbers");
            else
                reader.Skip();
        }

        return new CocoSegmentation { Size = size, Compressed = compressed, Counts = counts };
    }

    private static int[] ReadIntegers(ref Utf8JsonReader reader, string rule)
    {
        Expect(ref reader, JsonTokenType.StartArray, rule);
        var values = new List<int>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            Expect(ref reader, JsonTokenType.Number, rule);
            if (!reader.TryGetInt32(out int value))
                throw new FormatException(rule);
            values.Add(value);
        }

        return [.. values];
    }

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType token, string rule)
    {
        if (reader.TokenType != token)
            throw new FormatException(rule);
    }
}
