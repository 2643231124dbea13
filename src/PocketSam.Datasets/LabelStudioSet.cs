using System.Text.Json;
using System.Text.RegularExpressions;

namespace PocketSam.Datasets;

/// <summary>
/// Label Studio's JSON and JSON-MIN: polygons in percent of the picture, and brushes as <see cref="BrushRuns"/>.
/// Rectangles, cancelled annotations and predictions are skipped.
/// </summary>
internal sealed partial class LabelStudioSet : DatasetFormat
{
    public override string Name => "labelstudio";

    public override bool Recognises(string path) => Tasks(path).Any();

    public override IEnumerable<LabelledPicture> Read(DatasetReading set)
    {
        foreach (string file in Tasks(set.Path))
        {
            using JsonDocument json = RequireJson(set.Reads(file));
            if (json.RootElement.ValueKind != JsonValueKind.Array)
                throw new DataFormatException(file, "is no list of tasks");
            foreach (JsonElement task in json.RootElement.EnumerateArray().Where(task => task.ValueKind == JsonValueKind.Object))
            {
                if (Read(set, file, task) is { } picture)
                    yield return picture;
            }
        }
    }

    private static IEnumerable<string> Tasks(string path)
        => Files(path, ".json").Where(IsTasks);

    private static bool IsTasks(string file)
    {
        IReadOnlySet<string> names = JsonHead.Read(file, out bool isList);
        return isList && (names.Contains("data") || names.Contains("image"));
    }

    private static LabelledPicture? Read(DatasetReading set, string file, JsonElement task)
    {
        JsonElement data = task.Value("data") ?? task;
        string address = data.Text("image") ?? "";
        string name = NameOf(address);
        string? picture = set.Images.Find(name);
        (int Width, int Height)? size = PictureIndex.SizeOf(picture);
        var annotations = new List<Annotation>();
        foreach ((JsonElement region, JsonElement value) in Regions(task))
        {
            (int Width, int Height)? own = Size(region.Number("original_width") ?? value.Number("original_width"),
                region.Number("original_height") ?? value.Number("original_height"), picture);
            size ??= own;
            if (own is not null && own != size)
            {
                set.LeaveOut("regions of another size than their picture", $"{address} in {file}");
                continue;
            }

            string kind = region.Text("type") ?? KindOf(value);
            if (size is not { } known || Draw(value, kind, known) is not { } mask)
            {
                set.LeaveOut($"regions that are no mask ({kind})", $"{address} in {file}");
                continue;
            }

            string? label = value.List(kind).Select(text => text.Text()).FirstOrDefault();
            if (Annotate(mask, label) is { } annotation)
                annotations.Add(annotation);
        }

        if (size is null)
        {
            set.LeaveOut("pictures of unknown size", $"{address} in {file}");
            return null;
        }

        return new LabelledPicture(
            set.Images.NameFor(picture, name), picture, size.Value.Width, size.Value.Height, annotations);
    }

    /// <summary>The regions of a task: in JSON the results with their values, in JSON-MIN the values alone.</summary>
    private static IEnumerable<(JsonElement Region, JsonElement Value)> Regions(JsonElement task)
    {
        foreach (JsonElement annotation in task.List("annotations"))
        {
            if (annotation.Value("was_cancelled") is { ValueKind: JsonValueKind.True })
                continue;
            foreach (JsonElement region in annotation.List("result"))
            {
                if (region.Value("value") is { } value)
                    yield return (region, value);
            }
        }

        if (task.Value("data") is not null)
            yield break;
        foreach (JsonProperty property in task.EnumerateObject().Where(p => p.Value.ValueKind == JsonValueKind.Array))
        {
            foreach (JsonElement value in property.Value.EnumerateArray().Where(v => v.ValueKind == JsonValueKind.Object))
                yield return (value, value);
        }
    }

    private static string KindOf(JsonElement value)
        => value.Value("brushlabels") is not null ? "brushlabels" : value.Value("polygonlabels") is not null ? "polygonlabels" : "other";

    private static BinaryMask? Draw(JsonElement value, string kind, (int Width, int Height) size)
    {
        var mask = new BinaryMask(size.Width, size.Height);
        switch (kind)
        {
            case "polygonlabels":
                (double X, double Y)[] corners = [.. value.List("points").Select(p => p.Point()).OfType<(double X, double Y)>()
                    .Select(p => (p.X / 100 * size.Width, p.Y / 100 * size.Height))];
                if (!PolygonFill.IsPolygon(corners))
                    return null;
                PolygonFill.Add(mask, corners);
                return mask;
            case "brushlabels":
                byte[] runs = [.. value.List("rle").Select(b => b.ValueKind == JsonValueKind.Number && b.TryGetByte(out byte number) ? number : (byte)0)];
                return BrushRuns.TryDraw(runs, mask) ? mask : null;
            default:
                return null;
        }
    }

    /// <summary>
    /// The path of the picture in its address, without the prefix that Label Studio gives to uploads.
    /// </summary>
    private static string NameOf(string address)
    {
        string path = address.IndexOf("?d=", StringComparison.Ordinal) is >= 0 and var at ? address[(at + 3)..] : address.Split('?')[0];
        path = Uri.UnescapeDataString(path);
        Match upload = Upload().Match(path);
        return upload.Success ? upload.Groups[1].Value : path.TrimStart('/');
    }

    [GeneratedRegex("^/data/upload/[0-9]+/[0-9a-f]{8}-(.+)$")]
    private static partial Regex Upload();
}
