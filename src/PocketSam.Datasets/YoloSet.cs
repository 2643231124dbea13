using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace PocketSam.Datasets;

/// <summary>
/// YOLO segmentation labels in the layouts of Ultralytics and Roboflow: a text file for each picture, with
/// <c>images/</c> and <c>labels/</c> side by side anywhere in the path, or labels beside the pictures. <c>data.yaml</c>
/// or <c>classes.txt</c> has the names of the classes. A picture without a text file has no objects. Boxes are skipped.
/// </summary>
internal sealed class YoloSet : DatasetFormat
{
    private const string ClassesName = "classes.txt";

    public override string Name => "yolo";

    public override bool Recognises(string path)
        => Description(path) is not null
            || (Directory.Exists(path) && Directory.EnumerateDirectories(path, "labels", SearchOption.AllDirectories)
                    .Any(labels => Directory.EnumerateFiles(labels, "*.txt", SearchOption.AllDirectories).Any())
                && !Directory.EnumerateDirectories(path, "masks").Any());

    public override IEnumerable<LabelledPicture> Read(DatasetReading set)
    {
        string root = Directory.Exists(set.Path) ? set.Path : Path.GetDirectoryName(Path.GetFullPath(set.Path))!;
        string[] classes = [.. Classes(set, root)];
        set.AddClasses(classes);
        var index = new Lazy<PictureIndex>(() => new PictureIndex(root, path => Path.GetFileName(path) != ClassesName, [".txt"]));
        foreach (string picture in set.Images.All)
        {
            // In a folder apart from the pictures, labels may be in subfolders such as labels/train.
            string? labels = LabelsOf(picture, set.Images.Folder, root)
                ?? (set.Images.Folder == Path.GetFullPath(root) ? null : index.Value.Find(set.Images.NameOf(picture), anyExtension: true));
            if (PictureIndex.SizeOf(picture) is not { } size)
            {
                set.LeaveOut("pictures that cannot be read", picture);
                continue;
            }

            var annotations = new List<Annotation>();
            int number = 0;
            foreach (string line in labels is null ? [] : File.ReadLines(set.Reads(labels)))
            {
                number++;
                if (line.AsSpan().Trim().IsEmpty)
                    continue;
                if (Parse(line, size, classes, out string? problem) is { } annotation)
                    annotations.Add(annotation);
                else
                    set.LeaveOut($"lines that are no polygon ({problem})", $"line {number} of {labels}");
            }

            yield return new LabelledPicture(set.Images.NameOf(picture), picture, size.Width, size.Height, annotations);
        }
    }

    private static Annotation? Parse(string line, (int Width, int Height) size, string[] classes, out string? problem)
    {
        string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        problem = null;
        if (!int.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out int place))
            problem = "no number of a class";
        else if (fields.Length == 5)
            problem = "a box";
        else if (fields.Length < 7 || fields.Length % 2 == 0)
            problem = "not pairs of three points or more";
        if (problem is not null)
            return null;
        var corners = new (double X, double Y)[fields.Length / 2];
        for (int i = 0; i < corners.Length; i++)
        {
            if (!double.TryParse(fields[2 * i + 1], NumberStyles.Float, CultureInfo.InvariantCulture, out double x)
                || !double.TryParse(fields[2 * i + 2], NumberStyles.Float, CultureInfo.InvariantCulture, out double y))
            {
                problem = "no number";
                return null;
            }

            corners[i] = (x * size.Width, y * size.Height);
        }

        if (!PolygonFill.IsPolygon(corners))
        {
            problem = "coordinates that are no shares of the picture";
            return null;
        }

        var mask = new BinaryMask(size.Width, size.Height);
        PolygonFill.Add(mask, corners);
        problem = "nothing inside";
        return Annotate(mask, place < classes.Length ? classes[place] : place.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>
    /// The label file by Ultralytics' rule: the last directory <c>images</c> becomes <c>labels</c>, the extension
    /// <c>.txt</c>.
    /// </summary>
    private static string? LabelsOf(string picture, string images, string root)
    {
        string name = Path.ChangeExtension(picture.Replace('\\', '/'), ".txt");
        int at = name.LastIndexOf("/images/", StringComparison.Ordinal);
        string[] places =
        [
            at < 0 ? name : $"{name[..at]}/labels/{name[(at + "/images/".Length)..]}", name,
            Path.Combine(root, "labels", Path.GetRelativePath(images, name)),
        ];
        return Array.Find(places, File.Exists);
    }

    private static string? Description(string path)
    {
        if (File.Exists(path))
            return Path.GetExtension(path).ToLowerInvariant() is ".yaml" or ".yml" ? path : null;
        return Directory.Exists(path)
            ? new[] { "data.yaml", "data.yml", "dataset.yaml" }.Select(name => Path.Combine(path, name)).FirstOrDefault(File.Exists) : null;
    }

    /// <summary>Class names by index; a class without a name is called by its index.</summary>
    private static IEnumerable<string> Classes(DatasetReading set, string root)
    {
        if (Description(set.Path) is { } description)
            return Names(set.Reads(description));
        string? plain = new[] { root, Path.Combine(root, "labels") }.Select(folder => Path.Combine(folder, ClassesName)).FirstOrDefault(File.Exists);
        return plain is null ? [] : File.ReadAllLines(set.Reads(plain)).Where(line => line.Length > 0);
    }

    /// <summary>The entry <c>names</c>: a list, or a mapping from indices.</summary>
    private static IEnumerable<string> Names(string file)
    {
        try
        {
            using var reader = new StreamReader(file);
            var yaml = new YamlStream();
            yaml.Load(reader);
            YamlNode? names = yaml.Documents is [{ RootNode: YamlMappingNode root }, ..]
                ? root.Children.FirstOrDefault(pair => pair.Key is YamlScalarNode { Value: "names" }).Value : null;
            if (names is YamlSequenceNode list)
                return [.. list.Children.Select(name => (name as YamlScalarNode)?.Value ?? "")];
            if (names is not YamlMappingNode mapping)
                return [];
            var byNumber = mapping.Children
                .Select(pair => (Number: int.TryParse((pair.Key as YamlScalarNode)?.Value, out int n) ? n : -1, Name: (pair.Value as YamlScalarNode)?.Value))
                .Where(pair => pair.Number is >= 0 and < 100_000).DistinctBy(pair => pair.Number).ToDictionary(pair => pair.Number, pair => pair.Name ?? "");
            return [.. Enumerable.Range(0, byNumber.Count == 0 ? 0 : byNumber.Keys.Max() + 1)
                .Select(i => byNumber.GetValueOrDefault(i) ?? i.ToString(CultureInfo.InvariantCulture))];
        }
        catch (Exception e) when (e is YamlException or InvalidOperationException)
        {
            throw new DataFormatException(file, $"not YAML: {e.Message}", e);
        }
    }
}
