using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Xml;

namespace PocketSam.Datasets.Writing;

/// <summary>
/// Writes Label Studio's JSON: a task for each picture, in which each object is a brush as <see cref="BrushRuns"/>. A
/// second file, <c>NAME.label_config.xml</c>, has the labelling configuration of the project. Pictures have the
/// addresses of Label Studio's local storage.
/// </summary>
internal sealed class LabelStudioSetWriter() : DatasetWriter("labelstudio", ".json")
{
    private const string Address = "/data/local-files/?d=";

    /// <summary>Names of the controls that tasks and configuration share.</summary>
    private const string Image = "image";
    private const string Brush = "brush";

    public override string Companion(string output) => Path.ChangeExtension(output, null) + ".label_config.xml";

    public override void Write(
        string output, IReadOnlyList<LabelledPicture> pictures, DatasetReading set, double tolerance, CancellationToken cancellation)
    {
        AtomicFile.Write(output, stream =>
        {
            using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
            json.WriteStartArray();
            for (int i = 0; i < pictures.Count; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                WriteTask(json, i + 1, pictures[i]);
            }

            json.WriteEndArray();
        });
        AtomicFile.Write(Companion(output), stream => WriteConfiguration(stream, Labels(pictures, set)));
    }

    private static void WriteTask(Utf8JsonWriter json, int id, LabelledPicture picture)
    {
        json.WriteStartObject();
        json.WriteNumber("id", id);
        json.WriteStartObject("data");
        json.WriteString(Image, Address + string.Join('/', picture.Name.Split('/').Select(Uri.EscapeDataString)));
        json.WriteEndObject();
        json.WriteStartArray("annotations");
        json.WriteStartObject();
        json.WriteStartArray("result");
        int place = 0;
        foreach (Annotation annotation in picture.Annotations)
        {
            json.WriteStartObject();
            json.WriteString("id", string.Create(CultureInfo.InvariantCulture, $"{id}-{++place}"));
            json.WriteString("type", "brushlabels");
            json.WriteString("from_name", Brush);
            json.WriteString("to_name", Image);
            json.WriteNumber("original_width", picture.Width);
            json.WriteNumber("original_height", picture.Height);
            json.WriteNumber("image_rotation", 0);
            json.WriteStartObject("value");
            json.WriteString("format", "rle");
            json.WriteStartArray("rle");
            foreach (byte value in BrushRuns.Encode(annotation.Segmentation.ToMask()))
                json.WriteNumberValue(value);
            json.WriteEndArray();
            json.WriteStartArray("brushlabels");
            json.WriteStringValue(annotation.ClassName);
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndObject();
            json.Flush();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteConfiguration(Stream stream, IEnumerable<string> labels)
    {
        using var xml = XmlWriter.Create(stream, new XmlWriterSettings
        {
            Indent = true, Encoding = new UTF8Encoding(false), NewLineChars = "\n", OmitXmlDeclaration = true, CloseOutput = false,
        });
        xml.WriteStartElement("View");
        xml.WriteStartElement("Image");
        xml.WriteAttributeString("name", Image);
        xml.WriteAttributeString("value", "$" + Image);
        xml.WriteEndElement();
        xml.WriteStartElement("BrushLabels");
        xml.WriteAttributeString("name", Brush);
        xml.WriteAttributeString("toName", Image);
        foreach (string label in labels)
        {
            xml.WriteStartElement("Label");
            xml.WriteAttributeString("value", XmlText.Plain(label));
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
        xml.WriteEndElement();
    }
}
