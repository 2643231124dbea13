using System.Text.Encodings.Web;
using System.Text.Json;
using PocketSam.Masks.Coco;

namespace PocketSam;

/// <summary>Writes COCO instance files that <see cref="CocoDataset"/> and COCO's own tools read.</summary>
public static class CocoWriter
{
    private const int OnlyCategory = 1;

    // Run-length strings are full of characters that JSON allows and that are escaped for HTML's sake only.
    private static readonly CocoJsonContext Context = new(new JsonSerializerOptions(CocoJsonContext.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    /// <summary>
    /// Numbers pictures and masks from 1 on and writes masks as compressed runs, with area and box. The file appears
    /// under its name only when it is complete.
    /// </summary>
    /// <param name="path">The JSON file to write, or to replace.</param>
    /// <param name="pictures">Gone through once, so they may be made one at a time; encoded masks are kept.</param>
    /// <exception cref="ArgumentException">A mask is empty or not of its picture's size.</exception>
    public static void Write(string path, IEnumerable<CocoPicture> pictures)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(pictures);
        var images = new List<CocoFile.Image>();
        var annotations = new List<CocoFile.Annotation>();
        foreach (CocoPicture picture in pictures)
        {
            int imageId = images.Count + 1;
            images.Add(new CocoFile.Image
            {
                Id = imageId,
                FileName = picture.FileName,
                Width = picture.Width,
                Height = picture.Height,
            });
            foreach (BinaryMask mask in picture.Masks)
                annotations.Add(Annotate(picture, mask, imageId, annotations.Count + 1));
        }

        var file = new CocoFile
        {
            Images = images,
            Annotations = annotations,
            Categories = [new CocoFile.Category { Id = OnlyCategory, Name = "object" }],
        };
        AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, file, Context.CocoFile));
    }

    private static CocoFile.Annotation Annotate(CocoPicture picture, BinaryMask mask, int imageId, int id)
    {
        if (mask.Width != picture.Width || mask.Height != picture.Height)
        {
            throw new ArgumentException(
                $"{picture.FileName}: a mask of {mask.Width}x{mask.Height} "
                + $"in a picture of {picture.Width}x{picture.Height}");
        }

        PixelBox box = mask.Bounds;
        if (box.IsEmpty)
            throw new ArgumentException($"{picture.FileName}: an empty mask");
        return new CocoFile.Annotation
        {
            Id = id,
            ImageId = imageId,
            CategoryId = OnlyCategory,
            IsCrowd = 0,
            Area = mask.Area,
            Box = [box.X, box.Y, box.Width, box.Height],
            Segmentation = new CocoSegmentation
            {
                Size = [mask.Height, mask.Width],
                Compressed = Rle.Encode(mask).ToCompressed(),
            },
        };
    }
}
