using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using PocketSam.Masks.Formats;

namespace PocketSam;

/// <summary>
/// A format that holds all masks of a picture in one file. Numbers are written the same in every culture.
/// </summary>
public abstract class MaskFileFormat
{
    /// <summary>Text files begin without a byte order mark.</summary>
    private protected static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    // Run-length strings and names are full of characters that JSON allows and that are escaped for HTML's sake only.
    private protected static readonly ExportJson Json = new(new JsonSerializerOptions(ExportJson.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    private protected MaskFileFormat()
    {
    }

    /// <summary>How names of such files end, with the dot.</summary>
    public abstract string Extension { get; }

    /// <summary>Whether the file leads to the picture, by a path from the file's own folder.</summary>
    public abstract bool LinksPicture { get; }

    /// <summary>Writes the masks of a picture; its path is written as it is.</summary>
    public abstract void Write(Stream stream, AnnotatedPicture picture);

    /// <summary>
    /// Writes the masks of a picture to a file, whole or not at all. Where the format <see cref="LinksPicture"/>, the
    /// picture's path becomes one from the file's folder, with <c>/</c> between its parts.
    /// </summary>
    /// <param name="path">The file; one that exists is replaced.</param>
    /// <param name="picture">The picture, its path as it leads there from the working directory.</param>
    /// <exception cref="IOException">The file cannot be written; the message names it.</exception>
    public void Write(string path, AnnotatedPicture picture)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(picture);
        if (LinksPicture)
        {
            string folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? Path.GetFullPath(path);
            string link = Path.GetRelativePath(folder, Path.GetFullPath(picture.Path));
            picture = picture with { Path = link.Replace(Path.DirectorySeparatorChar, '/') };
        }

        AtomicFile.Write(path, stream => Write(stream, picture));
    }

    private protected static double CheckTolerance(double tolerance)
        => tolerance >= 0 && double.IsFinite(tolerance)
            ? tolerance
            : throw new ArgumentOutOfRangeException(nameof(tolerance), tolerance, "a tolerance is 0 pixels or more");
}
