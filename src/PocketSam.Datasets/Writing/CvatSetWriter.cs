using System.Globalization;
using System.Text;
using System.Xml;

namespace PocketSam.Datasets.Writing;

/// <summary>
/// Writes CVAT for images 1.1: one XML file in which each object is a <c>mask</c>, as run lengths along the rows of its
/// box that begin with pixels outside. Masks are exact, with holes and separate parts. Objects of a picture keep their
/// order.
/// </summary>
internal sealed class CvatSetWriter() : DatasetWriter("cvat", ".xml")
{
    public override void Write(
        string output, IReadOnlyList<LabelledPicture> pictures, DatasetReading set, double tolerance, CancellationToken cancellation)
        => AtomicFile.Write(output, stream =>
        {
            using var xml = XmlWriter.Create(stream, new XmlWriterSettings
            {
                Indent = true, Encoding = new UTF8Encoding(false), NewLineChars = "\n", CloseOutput = false,
            });
            xml.WriteStartElement("annotations");
            xml.WriteElementString("version", "1.1");
            WriteTask(xml, Path.GetFileNameWithoutExtension(output), pictures.Count, Labels(pictures, set));
            for (int i = 0; i < pictures.Count; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                WriteImage(xml, i, pictures[i]);
            }

            xml.WriteEndElement();
        });

    private static void WriteTask(XmlWriter xml, string name, int count, IEnumerable<string> labels)
    {
        xml.WriteStartElement("meta");
        xml.WriteStartElement("task");
        xml.WriteElementString("name", XmlText.Plain(name));
        xml.WriteElementString("size", Text(count));
        xml.WriteElementString("mode", "annotation");
        xml.WriteStartElement("labels");
        foreach (string label in labels)
        {
            xml.WriteStartElement("label");
            xml.WriteElementString("name", XmlText.Plain(label));
            xml.WriteElementString("type", "any");
            xml.WriteElementString("attributes", "");
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
        xml.WriteEndElement();
        xml.WriteEndElement();
    }

    private static void WriteImage(XmlWriter xml, int id, LabelledPicture picture)
    {
        xml.WriteStartElement("image");
        xml.WriteAttributeString("id", Text(id));
        xml.WriteAttributeString("name", XmlText.Plain(picture.Name));
        xml.WriteAttributeString("width", Text(picture.Width));
        xml.WriteAttributeString("height", Text(picture.Height));
        foreach (Annotation annotation in picture.Annotations.Where(annotation => !annotation.Box.IsEmpty))
        {
            PixelBox box = annotation.Box;
            xml.WriteStartElement("mask");
            xml.WriteAttributeString("label", XmlText.Plain(annotation.ClassName));
            xml.WriteAttributeString("source", "manual");
            xml.WriteAttributeString("occluded", "0");
            xml.WriteAttributeString("rle", string.Join(", ", RowRuns.Of(annotation.Segmentation.Crop(box)).Select(Text)));
            xml.WriteAttributeString("left", Text(box.X));
            xml.WriteAttributeString("top", Text(box.Y));
            xml.WriteAttributeString("width", Text(box.Width));
            xml.WriteAttributeString("height", Text(box.Height));
            xml.WriteAttributeString("z_order", "0");
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
