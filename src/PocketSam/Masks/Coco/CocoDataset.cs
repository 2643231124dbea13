using System.Text.Json;
using PocketSam.Masks.Coco;

namespace PocketSam;

/// <summary>
/// Pictures with object masks in COCO's instance format: a JSON file with <c>images</c> and <c>annotations</c>
/// whose <c>segmentation</c> is polygons or a run-length encoding. Everything else in the file is passed over.
/// </summary>
public sealed class CocoDataset
{
    /// <summary>Sides of pictures beyond this are taken for a broken file; JPEG allows no more either.</summary>
    private const int MaxSide = 65_535;

    private CocoDataset(string path, IReadOnlyList<CocoImage> images)
    {
        Path = path;
        Images = images;
    }

    /// <summary>The file it was read from.</summary>
    public string Path { get; }

    /// <summary>The pictures in the file's order, each with its annotations; at least one.</summary>
    public IReadOnlyList<CocoImage> Images { get; }

    /// <summary>
    /// Reads a data set. Segmentations are checked but not drawn, and pictures are not touched.
    /// </summary>
    /// <param name="jsonPath">The file; <c>file_name</c> of its pictures is relative to its folder.</param>
    /// <exception cref="DataFormatException">The file or something in it is missing or wrong.</exception>
    public static CocoDataset Load(string jsonPath)
    {
        ArgumentException.ThrowIfNullOrEmpty(jsonPath);
        CocoFile file = ReadFile(jsonPath);
        List<CocoFile.Image> images = file.Images ?? throw new DataFormatException(jsonPath, "no list 'images'");
        if (images.Count == 0)
            throw new DataFormatException(jsonPath, "the list of images is empty");
        List<CocoFile.Annotation> annotations
            = file.Annotations ?? throw new DataFormatException(jsonPath, "no list 'annotations'");

        string folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(jsonPath))!;
        var loaded = new List<CocoImage>(images.Count);
        var byId = new Dictionary<long, (CocoImage Image, List<CocoAnnotation> Annotations)>(images.Count);
        for (int i = 0; i < images.Count; i++)
        {
            var own = new List<CocoAnnotation>();
            CocoImage image = CreateImage(jsonPath, folder, i, images[i], own);
            if (!byId.TryAdd(image.Id, (image, own)))
                throw new DataFormatException(jsonPath, $"image {image.Id} occurs twice");
            loaded.Add(image);
        }

        for (int i = 0; i < annotations.Count; i++)
        {
            CocoFile.Annotation annotation = annotations[i];
            long id = annotation?.Id ?? throw new DataFormatException(jsonPath, $"annotations[{i}] has no 'id'");
            long imageId = annotation.ImageId ?? throw Missing(jsonPath, $"annotation {id}", "image_id");
            CocoSegmentation segmentation
                = annotation.Segmentation ?? throw Missing(jsonPath, $"annotation {id}", "segmentation");
            if (!byId.TryGetValue(imageId, out (CocoImage Image, List<CocoAnnotation> Annotations) target))
            {
                throw new DataFormatException(
                    jsonPath, $"annotation {id} belongs to image {imageId}, which is not listed");
            }

            try
            {
                target.Annotations.Add(CocoAnnotation.Create(
                    id, annotation.IsCrowd is not (null or 0), segmentation, target.Image.Width, target.Image.Height));
            }
            catch (FormatException exception)
            {
                throw new DataFormatException(
                    jsonPath, $"annotation {id} (image {imageId}): {exception.Message}", exception);
            }
        }

        return new CocoDataset(jsonPath, loaded);
    }

    private static CocoFile ReadFile(string path)
    {
        if (Directory.Exists(path))
            throw new DataFormatException(path, "a folder; give the COCO file in it");
        try
        {
            using FileStream stream = File.OpenRead(path);
            return JsonSerializer.Deserialize(stream, CocoJsonContext.Default.CocoFile)
                ?? throw new DataFormatException(path, "the file holds only null");
        }
        catch (JsonException exception)
        {
            throw new DataFormatException(path, $"not COCO instance JSON: {exception.Message}", exception);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new DataFormatException(path, "there is no such file", exception);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new DataFormatException(path, "the file cannot be opened", exception);
        }
    }

    private static CocoImage CreateImage(
        string path, string folder, int index, CocoFile.Image image, List<CocoAnnotation> annotations)
    {
        long id = image?.Id ?? throw new DataFormatException(path, $"images[{index}] has no 'id'");
        string name = image.FileName ?? throw Missing(path, $"image {id}", "file_name");
        int width = image.Width ?? throw Missing(path, $"image {id}", "width");
        int height = image.Height ?? throw Missing(path, $"image {id}", "height");
        if (width is < 1 or > MaxSide || height is < 1 or > MaxSide || (long)width * height > int.MaxValue)
            throw new DataFormatException(path, $"image {id} is {width}x{height}, which is no size of a picture");
        return new CocoImage(id, System.IO.Path.Combine(folder, name), width, height, annotations);
    }

    private static DataFormatException Missing(string path, string owner, string key)
        => new(path, $"{owner} has no '{key}'");
}
