using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using PocketSam.Imaging;

namespace PocketSam.Datasets;

/// <summary>
/// Folders of PNG masks in three forms: one PNG for each picture, whose pixels are ids of objects, or of classes if a
/// <c>classes.txt</c> names them from 0, the background; a folder for each picture with one mask for each object,
/// <c>NUMBER_CLASS.png</c>; Pascal VOC's <c>SegmentationObject</c> beside <c>SegmentationClass</c>, where 255 is a
/// border.
/// </summary>
internal sealed partial class MaskSet : DatasetFormat
{
    private const string VocObjects = "SegmentationObject";
    private const string VocClasses = "SegmentationClass";
    private const int Border = 255;

    public override string Name => "masks";

    public override bool Recognises(string path)
        => Directory.Exists(path) && Directory.EnumerateFiles(path, "*.png", SearchOption.AllDirectories).Any();

    public override bool IsPicture(string path) => false;

    public override IEnumerable<LabelledPicture> Read(DatasetReading set)
    {
        string[] names = Names(set);
        bool isVoc = Directory.Exists(Path.Combine(set.Path, VocObjects));
        string root = isVoc ? Path.Combine(set.Path, VocObjects)
            : Directory.Exists(Path.Combine(set.Path, "masks")) ? Path.Combine(set.Path, "masks") : set.Path;
        set.AddClasses(names.Skip(1));
        Dictionary<string, JsonElement> classesByPicture = ClassesByPicture(set);
        foreach (string folder in Directory.EnumerateDirectories(root, "*", SearchOption.AllDirectories).Prepend(root).Order(StringComparer.Ordinal))
        {
            string[] files = [.. Directory.EnumerateFiles(folder, "*.png").Order(StringComparer.Ordinal)];
            if (files.Length > 0 && files.All(file => PerObject().Match(Path.GetFileName(file)) is { Success: true } match
                && (folder != root || match.Groups["own"].Success)))
            {
                if (OfObjects(set, root, folder, files) is { } picture)
                    yield return picture;
                continue;
            }

            foreach (string file in files)
            {
                if (OfNumbers(set, root, file, isVoc, names, classesByPicture) is { } picture)
                    yield return picture;
            }
        }
    }

    private static LabelledPicture? OfObjects(DatasetReading set, string root, string folder, string[] files)
    {
        var annotations = new List<Annotation>();
        (int Width, int Height)? size = null;
        foreach (string file in files)
        {
            BinaryMask mask;
            try
            {
                mask = ImageFile.ReadMask(set.Reads(file));
            }
            catch (ImageFormatException e)
            {
                set.LeaveOut("masks that cannot be read", e.Message);
                continue;
            }

            if (size is not null && size != (mask.Width, mask.Height))
            {
                set.LeaveOut("masks of another size than those beside them", file);
                continue;
            }

            size = (mask.Width, mask.Height);
            string label = PerObject().Match(Path.GetFileName(file)).Groups["label"].Value;
            if (Annotate(mask, label.Length > 0 ? label : null) is { } annotation)
                annotations.Add(annotation);
        }

        string name = Path.GetRelativePath(root, folder);
        return size is not { } known ? null : Picture(set, name, Find(set, name), known, annotations);
    }

    private static LabelledPicture? OfNumbers(
        DatasetReading set, string root, string file, bool isVoc, string[] names, Dictionary<string, JsonElement> classesByPicture)
    {
        IdImage ids;
        try
        {
            ids = ImageFile.ReadIds(set.Reads(file));
        }
        catch (ImageFormatException e)
        {
            set.LeaveOut("masks that cannot be read", e.Message);
            return null;
        }

        string name = Path.ChangeExtension(Path.GetRelativePath(root, file), null);
        string classFile = Path.Combine(set.Path, VocClasses, name + ".png");
        IdImage? classes = isVoc && File.Exists(classFile) ? ClassesIn(set, classFile, ids) : null;
        string? picture = Find(set, name);
        JsonElement? own = classesByPicture.TryGetValue(name.Replace('\\', '/'), out JsonElement value) ? value : null;
        var annotations = new List<Annotation>();
        foreach (int id in ids.Values.Where(id => id != 0 && !(isVoc && id == Border)))
        {
            BinaryMask mask = ids.MaskOf(id);
            int place = classes is null ? id : classes.Ids[FirstOf(mask)];
            string? label = own?.Text(id.ToString(CultureInfo.InvariantCulture))
                ?? (place < names.Length ? names[place] : classes is null && names.Length == 0 ? null : place.ToString(CultureInfo.InvariantCulture));
            if (Annotate(mask, label) is { } annotation)
                annotations.Add(annotation);
        }

        return Picture(set, name, picture, (ids.Width, ids.Height), annotations);
    }

    /// <summary>The class id of each pixel; null if the file cannot be used.</summary>
    private static IdImage? ClassesIn(DatasetReading set, string file, IdImage objects)
    {
        try
        {
            IdImage classes = ImageFile.ReadIds(set.Reads(file));
            if (classes.Width == objects.Width && classes.Height == objects.Height)
                return classes;
            set.LeaveOut("classes of another size than the objects", file);
        }
        catch (ImageFormatException e)
        {
            set.LeaveOut("classes that cannot be read", e.Message);
        }

        return null;
    }

    private static int FirstOf(BinaryMask mask)
    {
        int y = mask.Bounds.Y;
        return y * mask.Width + mask.NextSet(y, 0);
    }

    private static string? Find(DatasetReading set, string name) => set.Images.Find(name + ".png", anyExtension: true);

    private static LabelledPicture Picture(
        DatasetReading set, string name, string? picture, (int Width, int Height) size, IReadOnlyList<Annotation> annotations)
        => new(set.Images.NameFor(picture, name + ".png"), picture, size.Width, size.Height, annotations);

    /// <summary>
    /// The names in <c>classes.txt</c>, one a line; line 0 is the background. Empty if there is no such file.
    /// </summary>
    private static string[] Names(DatasetReading set)
        => Path.Combine(set.Path, "classes.txt") is var file && File.Exists(file) ? File.ReadAllLines(set.Reads(file)) : [];

    /// <summary>
    /// The names of a picture's object ids in <c>classes.json</c>, by the picture's name without extension. Empty if
    /// there is no such file.
    /// </summary>
    private static Dictionary<string, JsonElement> ClassesByPicture(DatasetReading set)
    {
        var classes = new Dictionary<string, JsonElement>();
        string file = Path.Combine(set.Path, "classes.json");
        if (!File.Exists(file))
            return classes;
        using JsonDocument json = RequireJson(set.Reads(file));
        if (json.RootElement.ValueKind != JsonValueKind.Object)
            throw new DataFormatException(file, "has no names of objects by their pictures");
        foreach (JsonProperty picture in json.RootElement.Clone().EnumerateObject())
            classes[Path.ChangeExtension(picture.Name, null)] = picture.Value;
        return classes;
    }

    [GeneratedRegex(@"^[0-9]+_(?<label>.*)\.png$|^.+-mask-(?<own>[0-9]{4})(?<label>)\.png$")]
    private static partial Regex PerObject();
}
