namespace PocketSam;

/// <summary>A picture of a data set with its annotations.</summary>
/// <param name="Id">The id that annotations refer to.</param>
/// <param name="Path">The picture's file.</param>
/// <param name="Width">Pixels in a row, as the data set states.</param>
/// <param name="Height">Rows, as the data set states.</param>
/// <param name="Annotations">Its objects, in the file's order.</param>
public sealed record CocoImage(
    long Id, string Path, int Width, int Height, IReadOnlyList<CocoAnnotation> Annotations)
{
    /// <summary>The picture's name in the data set, with <c>/</c> between folders.</summary>
    public string Name { get; init; } = "";

    /// <summary>Reads the picture and checks that it has the size of its masks.</summary>
    /// <param name="reader">Decodes the file; its exceptions pass through.</param>
    /// <exception cref="DataFormatException">The file does not exist, or the picture has another size.</exception>
    public RgbImage ReadPicture(PictureReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        if (!File.Exists(Path))
            throw new DataFormatException(Path, $"the picture of image {Id} is missing");
        RgbImage picture = reader(Path);
        if (picture.Width != Width || picture.Height != Height)
        {
            throw new DataFormatException(
                Path,
                $"the picture is {picture.Width}x{picture.Height}, "
                + $"but the data set states {Width}x{Height} for image {Id}"
                + (picture.Width == Height && picture.Height == Width
                    ? "; it is turned by its EXIF orientation, and the data set may be of the stored pixels" : ""));
        }

        return picture;
    }

    /// <summary>Whether it has an annotation that is no crowd.</summary>
    internal bool HasMasks => Annotations.Any(annotation => !annotation.IsCrowd);

    /// <summary>
    /// Its masks of at least <paramref name="minArea"/> pixels, in the
    /// file's order, without crowds; decoded during the enumeration.
    /// </summary>
    internal IEnumerable<BinaryMask> DecodeMasks(int minArea)
        => Annotations.Where(a => !a.IsCrowd).Select(a => a.Decode()).Where(m => m.Area >= minArea);
}
