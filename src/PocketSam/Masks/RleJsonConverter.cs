using System.Text.Json;
using System.Text.Json.Serialization;
using PocketSam.Masks;

namespace PocketSam;

/// <summary>
/// COCO's JSON of a mask, <c>{"size": [height, width], "counts": ...}</c>: reads counts as the compressed string or as
/// a list of runs, and writes the string. Invalid input is a <see cref="JsonException"/>.
/// </summary>
public sealed class RleJsonConverter : JsonConverter<Rle>
{
    /// <inheritdoc/>
    public override Rle Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        Expect(reader.TokenType == JsonTokenType.StartObject, "an object with size and counts");
        RleJson stored;
        try
        {
            stored = RleJson.Read(ref reader);
        }
        catch (FormatException e)
        {
            throw new JsonException($"run-length encoding: {e.Message}", e);
        }

        Expect(stored.Size is [>= 1, >= 1], "size is a list of two whole numbers, height and width, from 1 on");
        Expect(stored.Compressed is not null || stored.Counts is not null, "counts is missing");
        try
        {
            return stored.Compressed is { } compressed
                ? Rle.FromCompressed(compressed, stored.Size![0], stored.Size[1])
                : Rle.FromCounts(stored.Counts, stored.Size![0], stored.Size[1]);
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
        value.WriteTo(writer);
    }

    private static void Expect(bool condition, string rule)
    {
        if (!condition)
            throw new JsonException($"run-length encoding: {rule}");
    }
}
