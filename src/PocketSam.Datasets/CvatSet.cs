using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace PocketSam.Datasets;

/// <summary>
/// CVAT for images 1.1: XML with polygons and masks. Polygons that share a label and a <c>group_id</c> are one object.
/// Boxes, points and lines are skipped.
/// </summary>
internal sealed class CvatSet : DatasetFormat
{
    public override string Name => "cvat";

    public override bool Recognises(string path) => Files(path, ".xml").Any(IsCvat);

    public override IEnumerable<LabelledPicture> Read(DatasetReading set)
    {
        foreach (string file in Files(set.Path, ".xml").Where(IsCvat))
        {
            XDocument xml = Load(set.Reads(file));
            set.AddClasses(xml.Descendants("label").Select(label => (string?)label.Element("name")).OfType<string>());
            foreach (XElement image in xml.Root!.Elements("image"))
            {
                if (Read(set, file, image) is { } picture)
                    yield return picture;
            }
        }
    }

    private static bool IsCvat(string file)
    {
        try
        {
            using XmlReader reader = Open(file);
            return reader.MoveToContent() == XmlNodeType.Element && reader.Name == "annotations";
        }
        catch (XmlException)
        {
            return false;
        }
    }

    private static XDocument Load(string file)
    {
        try
        {
            using XmlReader reader = Open(file);
            return XDocument.Load(reader);
        }
        catch (XmlException e)
        {
            throw new DataFormatException(file, $"not XML: {e.Message}", e);
        }
    }

    private static XmlReader Open(string file) => XmlReader.Create(
        file, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });

    private static LabelledPicture? Read(DatasetReading set, string file, XElement image)
    {
        string name = ((string?)image.Attribute("name") ?? "").Replace('\\', '/');
        string? picture = set.Images.Find(name);
        if (Size(Number(image, "width"), Number(image, "height"), picture) is not { } size)
        {
            set.LeaveOut("pictures of unknown size", $"{name} in {file}");
            return null;
        }

        var shapes = new LabelledShapes(size.Width, size.Height);
        foreach (XElement shape in image.Elements())
        {
            string label = (string?)shape.Attribute("label") ?? "", kind = shape.Name.LocalName;
            string? group = (string?)shape.Attribute("group_id") is { } id && id != "0" ? id : null;
            if (!shapes.TryAdd(label, group, mask => kind switch
            {
                "polygon" => TryPolygon(mask, shape), "mask" => TryRuns(mask, shape), _ => false,
            }))
            {
                set.LeaveOut($"shapes that are no mask ({kind})", $"{label} of {name} in {file}");
            }
        }

        return new LabelledPicture(
            set.Images.NameFor(picture, name), picture, size.Width, size.Height, shapes.Annotations);
    }

    private static bool TryPolygon(BinaryMask mask, XElement shape)
    {
        var corners = new List<(double X, double Y)>();
        foreach (string pair in ((string?)shape.Attribute("points") ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            if (pair.Split(',') is not [var x, var y]
                || !double.TryParse(x, NumberStyles.Float, CultureInfo.InvariantCulture, out double left)
                || !double.TryParse(y, NumberStyles.Float, CultureInfo.InvariantCulture, out double top))
            {
                return false;
            }

            corners.Add((left, top));
        }

        if (!PolygonFill.IsPolygon(corners))
            return false;
        PolygonFill.Add(mask, corners);
        return true;
    }

    /// <summary>Draws run lengths along the rows of the box, which begin with pixels outside the mask.</summary>
    private static bool TryRuns(BinaryMask mask, XElement shape)
    {
        if (Number(shape, "left") is not { } left || Number(shape, "top") is not { } top || Number(shape, "width") is not (> 0 and { } width)
            || Number(shape, "height") is not (> 0 and { } height) || (long)width * height > MaxPixels)
        {
            return false;
        }

        long place = 0;
        bool isInside = false;
        foreach (string text in ((string?)shape.Attribute("rle") ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int run) || place + run > (long)width * height)
                return false;
            for (int i = 0; i < run && isInside; i++)
            {
                int x = left + (int)((place + i) % width), y = top + (int)((place + i) / width);
                if (x >= 0 && x < mask.Width && y >= 0 && y < mask.Height)
                    mask[x, y] = true;
            }

            place += run;
            isInside = !isInside;
        }

        return true;
    }

    private static int? Number(XElement element, string name)
        => double.TryParse((string?)element.Attribute(name), NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
            && number == (int)number ? (int)number : null;
}
