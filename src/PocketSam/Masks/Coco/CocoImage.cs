namespace PocketSam;

/// <summary>A picture of a data set and what is marked in it.</summary>
/// <param name="Id">The number annotations refer to it by.</param>
/// <param name="Path">The picture's file.</param>
/// <param name="Width">Pixels in a row, as the data set states.</param>
/// <param name="Height">Rows, as the data set states.</param>
/// <param name="Annotations">Its objects, in the file's order.</param>
public sealed record CocoImage(
    long Id, string Path, int Width, int Height, IReadOnlyList<CocoAnnotation> Annotations)
{
    /// <summary>How the data set calls the picture, with <c>/</c> between folders.</summary>
    public string Name { get; init; } = "";

    /// <summary>Reads the picture and checks that it has the size its masks were drawn at.</summary>
    /// <param name="reader">Decodes the file; what it throws passes through.</param>
    /// <exception cref="DataFormatException">There is no such file, or its size is another.</exception>
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

    /// <summary>Whether anything but crowds is marked.</summary>
    internal bool HasMasks => Annotations.Any(annotation => !annotation.IsCrowd);

    /// <summary>Its masks of at least so many pixels, in the file's order, crowds left out; decoded as they are asked for.</summary>
    internal IEnumerable<BinaryMask> DecodeMasks(int minArea)
        => Annotations.Where(a => !a.IsCrowd).Select(a => a.Decode()).Where(m => m.Area >= minArea);
}
