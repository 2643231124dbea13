using System.Globalization;
using PocketSam.Masks.Coco;

namespace PocketSam;

/// <summary>
/// Pictures with object masks in COCO's instance format: a JSON file with <c>images</c>
/// and <c>annotations</c> whose <c>segmentation</c> is polygons or a run-length encoding.
/// Everything else in the file is ignored. An annotation without a usable mask is left out
/// and listed in <see cref="LeftOut"/>. A file without a list of annotations has none.
/// </summary>
public sealed class CocoDataset
{
    /// <summary>
    /// Largest side of a picture in pixels, which is that of JPEG; a larger one indicates a broken file.
    /// </summary>
    private const int MaxSide = 65_535;

    /// <summary>Most entries of <see cref="LeftOut"/>.</summary>
    private const int MaxListed = 20;

    private readonly List<string> _leftOut = [];

    private CocoDataset(string path, IReadOnlyList<CocoImage> images)
    {
        Path = path;
        Images = images;
    }

    /// <summary>The path of the JSON file.</summary>
    public string Path { get; }

    /// <summary>The pictures in the file's order, each with its annotations; at least one.</summary>
    public IReadOnlyList<CocoImage> Images { get; }

    /// <summary>Names of the categories, in the file's order.</summary>
    public IReadOnlyList<string> Classes { get; private init; } = [];

    /// <summary>The number of annotations without a usable mask.</summary>
    public int LeftOutCount { get; private set; }

    /// <summary>The first twenty annotations without a usable mask, each with the reason.</summary>
    public IReadOnlyList<string> LeftOut => _leftOut;

    /// <summary>
    /// Reads a data set. Segmentations are checked but not decoded, and pictures are located but not opened.
    /// </summary>
    /// <param name="jsonPath">The JSON file.</param>
    /// <param name="imagesFolder">The folder that <c>file_name</c> is relative to. Null for the file's own folder, or
    /// the usual places beside it (<c>images/</c>, <c>train2017/</c> for <c>instances_train2017.json</c>), whichever
    /// has the picture.</param>
    /// <exception cref="DataFormatException">The file, or a picture's entry in it, is missing or invalid.</exception>
    public static CocoDataset Load(string jsonPath, string? imagesFolder = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(jsonPath);
        CocoInput file = CocoJson.Read(jsonPath, CocoInputJson.Default.CocoInput, "COCO instance JSON");
        List<CocoInput.Image> images = file.Images ?? throw new DataFormatException(jsonPath, "no list 'images'");
        if (images.Count == 0)
            throw new DataFormatException(jsonPath, "the list of images is empty");

        var folders = new PictureFolders(jsonPath, imagesFolder);
        var loaded = new List<CocoImage>(images.Count);
        var byId = new Dictionary<string, (CocoImage Image, List<CocoAnnotation> Annotations)>(images.Count);
        for (int i = 0; i < images.Count; i++)
        {
            var own = new List<CocoAnnotation>();
            string id = images[i]?.Id ?? throw new DataFormatException(jsonPath, $"images[{i}] has no 'id'");
            CocoImage image = CreateImage(jsonPath, folders, i, images[i], own);
            if (!byId.TryAdd(id, (image, own)))
                throw new DataFormatException(jsonPath, $"image {id} occurs twice");
            loaded.Add(image);
        }

        List<CocoInput.Category> categories = [.. (file.Categories ?? []).Where(category => category?.Name is not null)];
        var names = categories.DistinctBy(category => category.Id ?? "").ToDictionary(c => c.Id ?? "", c => c.Name!);
        var data = new CocoDataset(jsonPath, loaded) { Classes = [.. categories.Select(c => c.Name!).Distinct()] };
        for (int i = 0; i < (file.Annotations?.Count ?? 0); i++)
            data.Add(file.Annotations![i], i, byId, names);
        return data;
    }

    private void Add(
        CocoInput.Annotation? annotation, int place,
        Dictionary<string, (CocoImage Image, List<CocoAnnotation> Annotations)> images, Dictionary<string, string> names)
    {
        string which = annotation?.Id is { } id ? $"annotation {id}" : $"annotations[{place}]";
        if (annotation?.ImageId is not { } imageId)
        {
            LeaveOut($"{which}: has no 'image_id'");
            return;
        }

        if (!images.TryGetValue(imageId, out (CocoImage Image, List<CocoAnnotation> Annotations) target))
        {
            LeaveOut($"{which}: belongs to image {imageId}, which is not listed");
            return;
        }

        try
        {
            CocoSegmentation segmentation = annotation.Segmentation ?? throw new FormatException("has no 'segmentation'");
            target.Annotations.Add(CocoAnnotation.Create(
                NumberOf(annotation.Id, place), annotation.IsCrowd == true,
                annotation.CategoryId is { } category ? names.GetValueOrDefault(category, category) : null,
                segmentation, target.Image.Width, target.Image.Height));
        }
        catch (FormatException exception)
        {
            LeaveOut($"{which} (image {imageId}): {exception.Message}");
        }
    }

    private void LeaveOut(string reason)
    {
        if (LeftOutCount++ < MaxListed)
            _leftOut.Add(reason);
    }

    /// <summary>Refuses an invalid picture size.</summary>
    /// <exception cref="DataFormatException">A side is missing, not an integer, or too large.</exception>
    internal static void RequireSize(string path, string which, double? statedWidth, double? statedHeight)
    {
        double width = statedWidth ?? throw Missing(path, which, "width");
        double height = statedHeight ?? throw Missing(path, which, "height");
        if (width is not (>= 1 and <= MaxSide) || height is not (>= 1 and <= MaxSide) || width * height > RgbImage.MaxPixels
            || width != Math.Floor(width) || height != Math.Floor(height))
        {
            throw new DataFormatException(
                path, string.Create(CultureInfo.InvariantCulture, $"{which} is {width}x{height}, which is no size of a picture"));
        }
    }

    private static CocoImage CreateImage(
        string path, PictureFolders folders, int place, CocoInput.Image image, List<CocoAnnotation> annotations)
    {
        string which = $"image {image.Id}";
        string name = image.FileName ?? NameIn(image.CocoUrl) ?? throw Missing(path, which, "file_name");
        RequireSize(path, which, image.Width, image.Height);
        return new CocoImage(NumberOf(image.Id, place), folders.Find(name), (int)image.Width!, (int)image.Height!, annotations)
        {
            Name = name.Replace('\\', '/'),
        };
    }

    /// <summary>The folder and name at the end of an address; LVIS has addresses instead of file names.</summary>
    internal static string? NameIn(string? url)
        => url?.Split('/') is [.., var folder, var name] ? $"{folder}/{name}" : null;

    /// <summary>An id as a number; the position in its list, from 1, if it is no number.</summary>
    private static long NumberOf(string? id, int place)
        => long.TryParse(id, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number : place + 1;

    private static DataFormatException Missing(string path, string owner, string key)
        => new(path, $"{owner} has no '{key}'");
}
