using System.Text.Json;
using System.Text.Json.Serialization;

namespace PocketSam.Masks.Formats;

/// <summary>What COCO allows as a segmentation: a run-length encoding, or polygons where there are any.</summary>
[JsonConverter(typeof(Converter))]
internal sealed record CocoSegmentation(Rle Runs, IReadOnlyList<IReadOnlyList<PixelCorner>>? Polygons)
{
    internal sealed class Converter : JsonConverter<CocoSegmentation>
    {
        public override CocoSegmentation Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options)
            => throw new NotSupportedException("exports are only written");

        public override void Write(Utf8JsonWriter writer, CocoSegmentation value, JsonSerializerOptions options)
        {
            if (value.Polygons is not { } polygons)
            {
                value.Runs.WriteTo(writer);
                return;
            }

            writer.WriteStartArray();
            foreach (IReadOnlyList<PixelCorner> ring in polygons)
            {
                writer.WriteStartArray();
                foreach (PixelCorner corner in ring)
                {
                    writer.WriteNumberValue(corner.X);
                    writer.WriteNumberValue(corner.Y);
                }

                writer.WriteEndArray();
            }

            writer.WriteEndArray();
        }
    }
}
