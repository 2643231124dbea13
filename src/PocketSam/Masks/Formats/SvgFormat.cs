using System.Globalization;
using System.Text;
using System.Xml;

namespace PocketSam.Masks.Formats;

/// <summary>
/// A drawing: the linked picture, and over it a translucent path for each mask (<c>fill-rule="evenodd"</c>, so holes
/// stay open), in its own colour or the colour of its index, with its label as title. Units are pixels.
/// </summary>
internal sealed class SvgFormat() : MaskFormat("svg", ".svg", "image/svg+xml")
{
    private const string Namespace = "http://www.w3.org/2000/svg";

    public override bool LinksPicture => true;

    protected override IEnumerable<MaskFile> FilesOf(AnnotatedPicture picture, double tolerance)
        => [new MaskFile(NameFor(picture), stream => Write(stream, picture, tolerance))];

    private static void Write(Stream stream, AnnotatedPicture picture, double tolerance)
    {
        using var xml = XmlWriter.Create(
            stream, new XmlWriterSettings { Encoding = Utf8, Indent = true, NewLineChars = "\n" });
        string width = picture.Width.ToString(CultureInfo.InvariantCulture);
        string height = picture.Height.ToString(CultureInfo.InvariantCulture);
        xml.WriteStartElement("svg", Namespace);
        xml.WriteAttributeString("width", width);
        xml.WriteAttributeString("height", height);
        xml.WriteAttributeString("viewBox", $"0 0 {width} {height}");

        xml.WriteStartElement("image");
        xml.WriteAttributeString("href", Href(picture.Path));
        xml.WriteAttributeString("width", width);
        xml.WriteAttributeString("height", height);
        xml.WriteEndElement();

        xml.WriteStartElement("g");
        xml.WriteAttributeString("fill-rule", "evenodd");
        xml.WriteAttributeString("fill-opacity", "0.45");
        for (int i = 0; i < picture.Annotations.Count; i++)
        {
            IReadOnlyList<MaskPolygon> polygons = picture.Annotations[i].Segmentation.ToPolygons(tolerance);
            if (polygons.Count == 0)
                continue;
            (byte red, byte green, byte blue) = picture.Annotations[i].Color ?? MaskColors.Of(i);
            string color = string.Create(CultureInfo.InvariantCulture, $"#{red:x2}{green:x2}{blue:x2}");
            xml.WriteStartElement("path");
            xml.WriteAttributeString("id", string.Create(CultureInfo.InvariantCulture, $"mask-{i}"));
            xml.WriteAttributeString("fill", color);
            xml.WriteAttributeString("stroke", color);
            xml.WriteAttributeString("d", Path(polygons));
            if (picture.Annotations[i].Label is { } label)
                xml.WriteElementString("title", Namespace, label);
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
        xml.WriteEndElement();
    }

    /// <summary>A file path as a relative URI: everything except its separators is escaped.</summary>
    private static string Href(string path)
        => string.Join('/', path.Split('/').Select(Uri.EscapeDataString));

    private static string Path(IReadOnlyList<MaskPolygon> polygons)
    {
        var path = new StringBuilder();
        foreach (IReadOnlyList<PixelCorner> ring in polygons.SelectMany(polygon => polygon.Rings))
        {
            char command = 'M';
            foreach (PixelCorner corner in ring)
            {
                path.Append(CultureInfo.InvariantCulture, $"{command}{corner.X} {corner.Y}");
                command = 'L';
            }

            path.Append('Z');
        }

        return path.ToString();
    }
}
