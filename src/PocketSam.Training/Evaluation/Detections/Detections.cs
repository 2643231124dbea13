using System.Globalization;
using System.Text.Json;
using PocketSam.Masks.Coco;

namespace PocketSam.Training.Evaluation.Detections;

/// <summary>Detections in COCO's results format: a list of boxes or masks with scores.</summary>
/// <remarks>
/// As in pycocotools, areas are those of the boxes if the first entry has a box, otherwise those of the masks.
/// Detections of a category that is not listed are kept and never match.
/// </remarks>
public sealed class Detections
{
    internal Detections(string name, DetectionTruths truths, List<Detection> items)
    {
        Name = name;
        Truths = truths;
        Items = items;
    }

    /// <summary>The file, or the name of the model.</summary>
    public string Name { get; }

    /// <summary>Number of detections.</summary>
    public int Count => Items.Count;

    /// <summary>Whether any detection has a mask.</summary>
    public bool HasMasks => Items.Any(item => item.Mask is not null);

    /// <summary>The detections in their order.</summary>
    internal List<Detection> Items { get; }

    /// <summary>The ground truth that they are compared with.</summary>
    internal DetectionTruths Truths { get; }

    /// <summary>Reads a results file.</summary>
    /// <param name="path">The file: <c>[{"image_id", "category_id", "score", "bbox" and/or "segmentation"}, ...]</c>.</param>
    /// <param name="truths">The ground truth with the pictures and categories.</param>
    /// <exception cref="DataFormatException">The file, or an entry of it, is missing or invalid; the message says
    /// which.</exception>
    public static Detections Load(string path, DetectionTruths truths)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(truths);
        List<ResultEntry?> entries = CocoJson.Read(
            path, DetectionJson.Default.ListResultEntry, "COCO results JSON, a list of entries with image_id, category_id, score");
        var items = new List<Detection>(entries.Count);
        bool areasOfBoxes = entries is [{ Bbox.Length: > 0 }, ..];
        for (int i = 0; i < entries.Count; i++)
            items.Add(Read(path, truths, entries[i], i, areasOfBoxes));
        return new Detections(path, truths, items);
    }

    /// <summary>Writes a results file, with masks as compressed run lengths.</summary>
    /// <param name="path">The file; an existing file is replaced atomically.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        AtomicFile.Write(path, stream =>
        {
            using var writer = new Utf8JsonWriter(stream);
            writer.WriteStartArray();
            foreach (Detection item in Items)
            {
                writer.WriteStartObject();
                writer.WriteNumber("image_id", Truths.Images[item.Image].Id);
                writer.WriteNumber("category_id", item.Category < 0 ? 0 : Truths.Categories[item.Category].Id);
                writer.WriteNumber("score", item.Score);
                if (item.Mask is { } mask)
                {
                    writer.WritePropertyName("segmentation");
                    mask.WriteTo(writer);
                }
                else
                {
                    writer.WriteStartArray("bbox");
                    foreach (double value in (ReadOnlySpan<double>)[item.Box!.Value.X, item.Box.Value.Y, item.Box.Value.Width, item.Box.Value.Height])
                        writer.WriteNumberValue(value);
                    writer.WriteEndArray();
                }

                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        });
    }

    private static Detection Read(string path, DetectionTruths truths, ResultEntry? entry, int place, bool areasOfBoxes)
    {
        string which = string.Create(CultureInfo.InvariantCulture, $"results[{place}]");
        long imageId = DetectionTruths.IdOf(path, entry?.ImageId, which, "image_id");
        int image = truths.PlaceOfImage(imageId);
        if (image < 0)
            throw Wrong($"image {imageId} is not listed in {truths.Path}");
        int category = truths.PlaceOfCategory(DetectionTruths.IdOf(path, entry!.CategoryId, which, "category_id"));
        if (entry.Score is not { } score || !double.IsFinite(score))
            throw Wrong("has no 'score' that is a finite number");
        DetectionBox? box = DetectionBox.From(entry.Bbox);
        if (entry.Bbox is { Length: > 0 } && box is null)
            throw Wrong("'bbox' is not four finite numbers");
        if (areasOfBoxes && box is null)
            throw Wrong("has no 'bbox', though the first entry has");
        if (box is { } some && (Math.Abs(some.X) > MaxCoordinate || Math.Abs(some.Y) > MaxCoordinate
            || Math.Abs(some.Width) > MaxCoordinate || Math.Abs(some.Height) > MaxCoordinate))
        {
            throw Wrong("'bbox' reaches farther than any picture");
        }

        if (box is null && entry.Segmentation is null)
            throw Wrong("has neither 'bbox' nor 'segmentation'");
        Rle? mask = entry.Segmentation is null ? null : SegmentationReader.Read(entry.Segmentation, truths.Images[image], Wrong);
        return new Detection(image, category, score, box, mask, areasOfBoxes ? box!.Value.Area : mask!.Area);

        DataFormatException Wrong(string reason) => new(path, $"{which}: {reason}");
    }

    private const double MaxCoordinate = 1e7;
}
