using System.Text.Encodings.Web;
using System.Text.Json;
using PocketSam.Masks;
using PocketSam.Masks.Coco;

namespace PocketSam;

/// <summary>
/// Writes COCO data sets for <see cref="CocoDataset"/> and COCO's own tools: masks as compressed run-length encodings,
/// which are exact, with area and box. Pictures, masks and categories are numbered from 1. Categories are first the
/// <see cref="AnnotatedPicture.Classes"/> of the pictures, then the masks' labels by first occurrence; masks without a
/// label have the category "object".
/// </summary>
public static class CocoWriter
{
    // Without HTML's escapes: run-length strings are full of
    // characters that JSON allows and the default encoder escapes.
    private static readonly CocoJsonContext Context = new(new JsonSerializerOptions(CocoJsonContext.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    /// <summary>Writes a file, completely or not at all.</summary>
    /// <param name="path">The JSON file; an existing one is replaced.</param>
    /// <param name="pictures">The pictures, with paths relative to the
    /// file's folder. Enumerated once, so they may be generated.</param>
    /// <exception cref="IOException">The file cannot be written; the message names it.</exception>
    public static void Write(string path, IEnumerable<AnnotatedPicture> pictures)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(pictures);
        CocoFile file = FileOf(pictures);
        AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, file, Context.CocoFile));
    }

    /// <summary>Writes to a stream.</summary>
    /// <param name="stream">Receives the JSON and stays open.</param>
    /// <param name="pictures">The pictures; their paths are written unchanged. Enumerated once.</param>
    public static void Write(Stream stream, IEnumerable<AnnotatedPicture> pictures)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(pictures);
        JsonSerializer.Serialize(stream, FileOf(pictures), Context.CocoFile);
    }

    private static CocoFile FileOf(IEnumerable<AnnotatedPicture> pictures)
    {
        var images = new List<CocoFile.Image>();
        var marked = new List<(int Image, Annotation Annotation)>();
        var classes = new List<string>();
        var known = new HashSet<string>();
        foreach (AnnotatedPicture picture in pictures)
        {
            classes.AddRange((picture.Classes ?? []).Where(known.Add));
            int id = images.Count + 1;
            images.Add(new CocoFile.Image
            {
                Id = id,
                FileName = picture.Path,
                Width = picture.Width,
                Height = picture.Height,
            });
            marked.AddRange(picture.Annotations.Select(annotation => (id, annotation)));
        }

        var labels = new LabelIndex(marked.Select(mark => mark.Annotation), classes);
        return new CocoFile
        {
            Images = images,
            Annotations = [.. marked.Select((mark, i) => Annotate(mark.Annotation, i + 1, mark.Image, labels))],
            Categories = [.. labels.Names.Select((name, i) => new CocoFile.Category { Id = i + 1, Name = name })],
        };
    }

    private static CocoFile.Annotation Annotate(Annotation annotation, int id, int image, LabelIndex labels)
    {
        PixelBox box = annotation.Box;
        return new CocoFile.Annotation
        {
            Id = id,
            ImageId = image,
            CategoryId = labels.Of(annotation) + 1,
            Segmentation = new CocoSegmentation { Runs = RleJson.Of(annotation.Segmentation) },
            Area = annotation.Area,
            Box = [box.X, box.Y, box.Width, box.Height],
            IsCrowd = 0,
        };
    }
}
