using System.Globalization;
using PocketSam.Segmentation;
using PocketSam.Segmentation.Exports;

namespace PocketSam.Imaging.Exports;

/// <summary>
/// Masks as pictures of their own, in a folder that is made where it is missing. Files are called by the picture and
/// the mask's place, from 0: <c>room-mask-0003.png</c>, <c>room-cutout-0003.png</c>. Other files of the folder stay.
/// </summary>
public static class PictureFolder
{
    /// <summary>Writes each mask as an 8-bit greyscale PNG of the picture's size: 255 inside, 0 outside.</summary>
    /// <param name="folder">Where the files go.</param>
    /// <param name="picture">The picture's name and size, and the masks.</param>
    /// <param name="cancellationToken">Looked at between files; those written so far stay.</param>
    /// <exception cref="IOException">The folder or a file cannot be written; the message names it.</exception>
    /// <exception cref="MissingLibraryException">The native part of SkiaSharp is missing.</exception>
    public static void WriteMasks(
        string folder, AnnotatedPicture picture, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(picture);
        Create(folder);
        for (int i = 0; i < picture.Masks.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ImageFile.WriteMask(PathOf(folder, picture, "mask", i), picture.Masks[i].Segmentation.ToMask());
        }
    }

    /// <summary>
    /// Writes the part of the photo in each mask's box as an RGBA PNG: opaque inside the mask; outside transparent and
    /// black, so nothing of the photo is left there. Empty masks have no file.
    /// </summary>
    /// <param name="folder">Where the files go.</param>
    /// <param name="picture">The picture's name and size, and the masks.</param>
    /// <param name="photo">The picture itself.</param>
    /// <param name="cancellationToken">Looked at between files; those written so far stay.</param>
    /// <exception cref="ArgumentException">The photo is not of the stated size.</exception>
    /// <exception cref="IOException">The folder or a file cannot be written; the message names it.</exception>
    /// <exception cref="MissingLibraryException">The native part of SkiaSharp is missing.</exception>
    public static void WriteCutouts(
        string folder, AnnotatedPicture picture, RgbImage photo, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentNullException.ThrowIfNull(photo);
        if (photo.Width != picture.Width || photo.Height != picture.Height)
        {
            throw new ArgumentException(
                $"{picture.Path}: a photo of {photo.Width}x{photo.Height} where masks are of "
                + $"{picture.Width}x{picture.Height}", nameof(photo));
        }

        Create(folder);
        for (int i = 0; i < picture.Masks.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Rle mask = picture.Masks[i].Segmentation;
            if (mask.Bounds.IsEmpty)
                continue;
            ReadOnlyMemory<byte> png = MaskPicture.EncodeCutout(mask, photo);
            AtomicFile.Write(PathOf(folder, picture, "cutout", i), stream => stream.Write(png.Span));
        }
    }

    private static string PathOf(string folder, AnnotatedPicture picture, string kind, int index)
    {
        string name = Path.GetFileNameWithoutExtension(picture.Path);
        return Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{name}-{kind}-{index:d4}.png"));
    }

    private static void Create(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string reason = File.Exists(folder) ? "a file of that name is there" : e.Message;
            throw new IOException($"{folder}: cannot be made a folder ({reason})", e);
        }
    }
}
