using System.Globalization;
using PocketSam.Masks.Coco;

namespace PocketSam.Training.Evaluation.Detections;

/// <summary>
/// The ground-truth objects for detections, with all that the evaluations of COCO and LVIS use: categories, stated
/// areas and boxes, crowds; LVIS's frequencies, and the categories that each picture was searched for.
/// </summary>
public sealed class DetectionTruths
{
    private readonly Dictionary<long, int> _imagePlaces = [];
    private readonly Dictionary<long, int> _categoryPlaces = [];
    private readonly List<DetectionTruth>[] _annotations;

    private DetectionTruths(string path, List<ListedImage> images, IReadOnlyList<TruthCategory> categories)
    {
        Path = path;
        Listed = images;
        Categories = categories;
        Images = [.. images.Select(image => image.Image)];
        _annotations = [.. images.Select(_ => new List<DetectionTruth>())];
        for (int i = 0; i < images.Count; i++)
            _imagePlaces.Add(images[i].Image.Id, i);
        for (int i = 0; i < categories.Count; i++)
            _categoryPlaces.Add(categories[i].Id, i);
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The pictures, ordered by id, without annotations.</summary>
    public IReadOnlyList<CocoImage> Images { get; }

    /// <summary>Number of objects, including crowds.</summary>
    public int Count => _annotations.Sum(list => list.Count);

    /// <summary>
    /// Whether the file is in LVIS's format, which states the categories that pictures were searched for.
    /// </summary>
    public bool IsLvis => Listed.Any(image => image.Negative.Count > 0 || image.NotExhaustive.Count > 0)
        || Categories.Any(category => category.Frequency is not null);

    /// <summary>The pictures with LVIS's lists, ordered by id.</summary>
    internal IReadOnlyList<ListedImage> Listed { get; }

    /// <summary>The categories, ordered by id.</summary>
    internal IReadOnlyList<TruthCategory> Categories { get; }

    /// <summary>Reads instance JSON of COCO or LVIS.</summary>
    /// <param name="path">The file.</param>
    /// <param name="imagesFolder">As in <see cref="CocoDataset.Load"/>.</param>
    /// <exception cref="DataFormatException">The file, or an entry of it, is missing or invalid; the message says
    /// which.</exception>
    public static DetectionTruths Load(string path, string? imagesFolder = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        TruthFile file = CocoJson.Read(path, DetectionJson.Default.TruthFile, "COCO instance JSON");
        if (file.Images is not { Count: > 0 } images)
            throw new DataFormatException(path, file.Images is null ? "no list 'images'" : "the list of images is empty");
        var folders = new PictureFolders(path, imagesFolder);
        var listed = new List<ListedImage>();
        for (int i = 0; i < images.Count; i++)
            listed.Add(ReadImage(path, folders, images[i], i));
        if (listed.GroupBy(image => image.Image.Id).FirstOrDefault(group => group.Count() > 1) is { } twins)
            throw new DataFormatException(path, $"image {twins.Key} occurs twice");

        // A file without a list of categories has the categories of its objects.
        List<TruthFile.Category?> named = file.Categories is { Count: > 0 } given ? given
            : [.. (file.Annotations ?? []).Select(a => a?.CategoryId ?? "1").Distinct().Select(id => new TruthFile.Category { Id = id })];
        TruthCategory[] categories =
        [
            .. named.Select((category, i) =>
            {
                long id = IdOf(path, category?.Id, $"categories[{i}]");
                return new TruthCategory(
                    id, category!.Name ?? id.ToString(CultureInfo.InvariantCulture), category.Frequency);
            }).DistinctBy(category => category.Id).OrderBy(category => category.Id),
        ];
        var truths = new DetectionTruths(path, [.. listed.OrderBy(image => image.Image.Id)], categories);
        truths.AddAll(file.Annotations ?? [], withoutCategory: file.Categories is { Count: > 0 } ? -1 : truths.PlaceOfCategory(1));
        return truths;
    }

    /// <summary>Index of a picture in <see cref="Images"/>; -1 for none.</summary>
    internal int PlaceOfImage(long id) => _imagePlaces.GetValueOrDefault(id, -1);

    /// <summary>Index of a category in <see cref="Categories"/>; -1 for none.</summary>
    internal int PlaceOfCategory(long id) => _categoryPlaces.GetValueOrDefault(id, -1);

    /// <summary>The objects of a picture, in the order of the file.</summary>
    internal IReadOnlyList<DetectionTruth> Of(int image) => _annotations[image];

    /// <summary>Checks that all pictures have a file name.</summary>
    /// <exception cref="DataFormatException">A picture has none; the message names the first.</exception>
    internal void RequireNames()
    {
        if (Images.FirstOrDefault(image => image.Path.Length == 0) is { } nameless)
            throw new DataFormatException(Path, $"image {nameless.Id} has no 'file_name'");
    }

    /// <summary>
    /// A subset of the pictures with their objects, in the order of <paramref name="places"/>, which are indices.
    /// </summary>
    internal DetectionTruths Take(IReadOnlyList<int> places)
    {
        var part = new DetectionTruths(Path, [.. places.Select(place => Listed[place])], Categories);
        for (int i = 0; i < places.Count; i++)
            part._annotations[i].AddRange(_annotations[places[i]]);
        return part;
    }

    /// <summary>Parses an id.</summary>
    internal static long IdOf(string path, string? id, string owner, string key = "id")
        => id is null ? throw new DataFormatException(path, $"{owner} has no '{key}'")
            : long.TryParse(id, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number
            : throw new DataFormatException(path, $"{owner}: '{key}' is '{id}', not a whole number");

    private static ListedImage ReadImage(string path, PictureFolders folders, TruthFile.Image? image, int place)
    {
        long id = IdOf(path, image?.Id, $"images[{place}]");
        CocoDataset.RequireSize(path, $"image {id}", image!.Width, image.Height);
        string? name = image.FileName ?? CocoDataset.NameIn(image.CocoUrl);
        return new ListedImage(
            new CocoImage(id, name is null ? "" : folders.Find(name), (int)image.Width!, (int)image.Height!, [])
            {
                Name = name?.Replace('\\', '/') ?? "",
            },
            [.. image.NegCategoryIds ?? []], [.. image.NotExhaustiveCategoryIds ?? []]);
    }

    private void AddAll(List<TruthFile.Annotation?> annotations, int withoutCategory)
    {
        var known = new HashSet<long>(annotations.Count);
        for (int i = 0; i < annotations.Count; i++)
        {
            TruthFile.Annotation entry = annotations[i] ?? throw new DataFormatException(Path, $"annotations[{i}] is null");
            long id = entry.Id is null ? i + 1 : IdOf(Path, entry.Id, $"annotations[{i}]");
            if (!known.Add(id))
                throw new DataFormatException(Path, $"annotation {id} occurs twice");
            int image = PlaceOfImage(IdOf(Path, entry.ImageId, $"annotation {id}", "image_id"));
            if (image < 0)
                continue; // as pycocotools: pictures that are not listed are not looked at
            int category = entry.CategoryId is null ? withoutCategory
                : PlaceOfCategory(IdOf(Path, entry.CategoryId, $"annotation {id}", "category_id"));
            _annotations[image].Add(new DetectionTruth(Path, id, Images[image], category, entry));
        }
    }

    /// <summary>A picture with LVIS's lists.</summary>
    /// <param name="Image">The picture.</param>
    /// <param name="Negative">Ids of categories that are verified as absent.</param>
    /// <param name="NotExhaustive">Ids of categories whose objects are not all annotated.</param>
    internal sealed record ListedImage(CocoImage Image, HashSet<long> Negative, HashSet<long> NotExhaustive);
}
