using System.Text.Json;
using System.Text.Json.Serialization;

namespace PocketSam.Masks.Coco;

/// <summary>The value of <c>segmentation</c> in a file: polygons, or a run-length encoding of either kind.</summary>
[JsonConverter(typeof(Converter))]
internal sealed class CocoSegmentation
{
    /// <summary>The error, if the value is of none of these kinds.</summary>
    public string? Problem { get; init; }

    /// <summary>Lists <c>x, y, x, y ...</c> in pixels; a single polygon may lack the outer list.</summary>
    public IReadOnlyList<double[]>? Polygons { get; init; }

    /// <summary>A run-length encoding.</summary>
    public RleJson? Runs { get; init; }

    /// <summary>
    /// Distinguishes the three forms by their content. Any other value is skipped and kept as a <see cref="Problem"/>,
    /// since only the caller knows which annotation it belongs to.
    /// </summary>
    internal sealed class Converter : JsonConverter<CocoSegmentation>
    {
        public override CocoSegmentation Read(
            ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            Utf8JsonReader start = reader;
            try
            {
                return reader.TokenType switch
                {
                    JsonTokenType.StartArray => new CocoSegmentation { Polygons = ReadPolygons(ref reader) },
                    JsonTokenType.StartObject => new CocoSegmentation { Runs = RleJson.Read(ref reader) },
                    _ => throw new FormatException(
                        "a segmentation is a list of polygons or an object with size and counts"),
                };
            }
            catch (FormatException exception)
            {
                reader = start;
                reader.TrySkip();
                return new CocoSegmentation { Problem = exception.Message };
            }
        }

        /// <summary>Writes run lengths, which are exact; polygons would not be.</summary>
        public override void Write(Utf8JsonWriter writer, CocoSegmentation value, JsonSerializerOptions options)
            => value.Runs!.WriteTo(writer);

        private static List<double[]> ReadPolygons(ref Utf8JsonReader reader)
        {
            var polygons = new List<double[]>(1);
            var flat = new List<double>();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (reader.TokenType == JsonTokenType.Number && polygons.Count == 0)
                {
                    flat.Add(reader.GetDouble());
                    continue;
                }

                Expect(ref reader, flat.Count == 0 ? JsonTokenType.StartArray : JsonTokenType.Number);
                var coordinates = new List<double>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    Expect(ref reader, JsonTokenType.Number);
                    coordinates.Add(reader.GetDouble());
                }

                polygons.Add([.. coordinates]);
            }

            return flat.Count > 0 ? [[.. flat]] : polygons;
        }

        private static void Expect(ref Utf8JsonReader reader, JsonTokenType token)
        {
            if (reader.TokenType != token)
                throw new FormatException("each polygon is a list of numbers");
        }
    }
}
