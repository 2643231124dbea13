using System.Text.Json;
using PocketSam.Imaging;

namespace PocketSam.Datasets;

/// <summary>
/// labelme: one JSON file for each picture. Polygons, rectangles, circles and masks are read; shapes that share a label
/// and a <c>group_id</c> are one object. Points and lines have no area and are skipped.
/// </summary>
internal sealed class LabelMeSet : DatasetFormat
{
    public override string Name => "labelme";

    public override bool Recognises(string path) => Labels(path).Any();

    public override IEnumerable<LabelledPicture> Read(DatasetReading set)
    {
        foreach (string file in Labels(set.Path))
        {
            using JsonDocument? json = Parse(set, file);
            if (json is not null && Read(set, file, json.RootElement) is { } picture)
                yield return picture;
        }
    }

    private static IEnumerable<string> Labels(string path)
        => Files(path, ".json").Where(file => JsonHead.Read(file, out _).IsSupersetOf(["shapes", "imagePath"]));

    private static JsonDocument? Parse(DatasetReading set, string file)
    {
        try
        {
            return ReadJson(set.Reads(file));
        }
        catch (JsonException e)
        {
            set.LeaveOut("files that are no JSON", $"{file}: {e.Message}");
            return null;
        }
    }

    private static LabelledPicture? Read(DatasetReading set, string file, JsonElement root)
    {
        string named = root.Text("imagePath") ?? "";
        string beside = Path.Combine(Path.GetDirectoryName(file)!, named.Replace('\\', '/'));
        string? picture = set.Find(Path.GetFullPath(beside), named);
        if (Size(root.Number("imageWidth"), root.Number("imageHeight"), picture) is not { } size)
        {
            set.LeaveOut("pictures of unknown size", file);
            return null;
        }

        var shapes = new LabelledShapes(size.Width, size.Height);
        foreach (JsonElement shape in root.List("shapes"))
        {
            string label = shape.Text("label") ?? "", kind = shape.Text("shape_type") ?? "polygon";
            if (!shapes.TryAdd(label, shape.Text("group_id"), mask => TryDraw(mask, kind, shape)))
                set.LeaveOut($"shapes that are no area ({kind})", $"{label} in {file}");
        }

        return new LabelledPicture(
            set.Images.NameFor(picture, named), picture, size.Width, size.Height, shapes.Annotations);
    }

    private static bool TryDraw(BinaryMask mask, string kind, JsonElement shape)
    {
        (double X, double Y)[] points = [.. shape.List("points").Select(point => point.Point()).OfType<(double, double)>()];
        switch (kind)
        {
            case "polygon" when PolygonFill.IsPolygon(points):
                PolygonFill.Add(mask, points);
                return true;
            case "rectangle" when points is [var a, var b]:
                PolygonFill.Add(mask, [a, (b.X, a.Y), b, (a.X, b.Y)]);
                return true;
            case "circle" when points is [var center, var rim]:
                double radius = Math.Sqrt(Math.Pow(rim.X - center.X, 2) + Math.Pow(rim.Y - center.Y, 2));
                PolygonFill.Add(mask, [.. Enumerable.Range(0, 360).Select(
                    i => (center.X + radius * Math.Cos(i * Math.PI / 180), center.Y + radius * Math.Sin(i * Math.PI / 180)))]);
                return true;
            case "mask" when points is [var corner, ..] && shape.Text("mask") is { } png:
                return TryPaste(mask, png, (int)Math.Round(corner.X), (int)Math.Round(corner.Y));
            default:
                return false;
        }
    }

    /// <summary>Draws a base64 PNG of the shape's box, with pixels of 0 and 1, at a place in pixels.</summary>
    private static bool TryPaste(BinaryMask mask, string base64, int left, int top)
    {
        byte[] png = new byte[base64.Length];
        if (!Convert.TryFromBase64String(base64, png, out int length))
            return false;
        RgbImage part;
        try
        {
            part = ImageFile.Decode(png.AsSpan(0, length), "mask");
        }
        catch (ImageFormatException)
        {
            return false;
        }

        for (int y = 0; y < part.Height; y++)
        {
            for (int x = 0; x < part.Width; x++)
            {
                if (part.Pixels[3 * (y * part.Width + x)] > 0 && left + x >= 0 && left + x < mask.Width && top + y >= 0 && top + y < mask.Height)
                    mask[left + x, top + y] = true;
            }
        }

        return true;
    }
}
