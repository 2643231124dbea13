using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using PocketSam.Masks.Formats;

namespace PocketSam;

/// <summary>
/// A file format for the masks of a picture: one file for all masks,
/// or one for each. Output does not depend on the culture.
/// </summary>
public abstract class MaskFormat
{
    /// <summary>Default distance of simplified outlines from exact ones, in pixels.</summary>
    public const double DefaultTolerance = 1;

    /// <summary>UTF-8 without a byte order mark.</summary>
    private protected static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    // Without HTML's escapes: run-length strings and names are full of
    // characters that JSON allows and the default encoder escapes.
    private protected static readonly FormatJson Json = new(new JsonSerializerOptions(FormatJson.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    /// <summary>Names a format.</summary>
    /// <param name="name">The name, in lower case.</param>
    /// <param name="extension">The extension of its files, with the dot.</param>
    /// <param name="contentType">The media type of its files.</param>
    protected MaskFormat(string name, string extension, string contentType)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentException.ThrowIfNullOrEmpty(extension);
        ArgumentException.ThrowIfNullOrEmpty(contentType);
        Name = name;
        Extension = extension;
        ContentType = contentType;
    }

    /// <summary>The name of the format, in lower case.</summary>
    public string Name { get; }

    /// <summary>The extension of its files, with the dot.</summary>
    public string Extension { get; }

    /// <summary>The media type of its files.</summary>
    public string ContentType { get; }

    /// <summary>Whether each mask has its own file.</summary>
    public virtual bool IsFilePerMask => false;

    /// <summary>Whether the file links the picture by a path relative to the file's folder.</summary>
    public virtual bool LinksPicture => false;

    /// <summary>
    /// Names of the files that <see cref="Files"/> returns in addition to the one named after the picture.
    /// </summary>
    public virtual IReadOnlyList<string> FurtherFiles => [];

    /// <summary>
    /// The files of a picture's masks. The first file has the masks and is named after the picture. A format with a
    /// file per mask appends the index, from 0, and has no file for a mask that it cannot represent.
    /// </summary>
    /// <param name="picture">The picture and its masks; its path is written unchanged.</param>
    /// <param name="tolerance">Largest distance in pixels of outlines from the exact ones; 0 keeps every corner.
    /// Formats without outlines are exact.</param>
    /// <exception cref="ArgumentException">The tolerance is negative or not finite, or the format needs the photo and
    /// it is missing or has another size.</exception>
    public IEnumerable<MaskFile> Files(AnnotatedPicture picture, double tolerance = DefaultTolerance)
    {
        ArgumentNullException.ThrowIfNull(picture);
        if (!(tolerance >= 0 && double.IsFinite(tolerance)))
            throw new ArgumentOutOfRangeException(nameof(tolerance), tolerance, "a tolerance is 0 pixels or more");
        Check(picture);
        return FilesOf(picture, tolerance);
    }

    /// <summary>
    /// The cost of writing a mask, for callers that limit it: the corners, in formats with outlines. Text whose size
    /// follows the run lengths counts as zero.
    /// </summary>
    /// <param name="mask">The mask.</param>
    public virtual MaskCost CostOf(Annotation mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        return new MaskCost(Corners: mask.Segmentation.CountCorners());
    }

    /// <summary>
    /// Writes the masks of a picture, each file completely or not at all. If the format <see cref="LinksPicture"/>, the
    /// picture's path becomes relative to the file's folder, with <c>/</c> between its parts.
    /// </summary>
    /// <param name="path">The file, which is replaced if it exists; further files go beside it. In a format with a file
    /// per mask (<see cref="IsFilePerMask"/>), the folder of the files, which is created if missing.</param>
    /// <param name="picture">The picture, with a path relative to the working directory.</param>
    /// <param name="tolerance">As for <see cref="Files"/>.</param>
    /// <param name="cancellation">Checked between files; files already written stay.</param>
    /// <exception cref="ArgumentException">As for <see cref="Files"/>.</exception>
    /// <exception cref="IOException">A file or folder cannot be written; the message names it.</exception>
    public void Write(
        string path, AnnotatedPicture picture, double tolerance = DefaultTolerance,
        CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(picture);
        if (LinksPicture)
            picture = picture with { Path = Link(path, picture.Path) };
        IEnumerable<MaskFile> files = Files(picture, tolerance);
        string folder = IsFilePerMask ? path : Path.GetDirectoryName(path) ?? "";
        if (IsFilePerMask)
            CreateFolder(folder);
        int written = 0;
        foreach (MaskFile file in files)
        {
            cancellation.ThrowIfCancellationRequested();
            bool isNamed = !IsFilePerMask && written++ == 0;
            AtomicFile.Write(isNamed ? path : Path.Combine(folder, file.Name), file.Write);
        }
    }

    /// <summary>Refuses a picture that the format cannot represent.</summary>
    /// <exception cref="ArgumentException">The format cannot represent the picture; the message says why.</exception>
    protected virtual void Check(AnnotatedPicture picture)
    {
    }

    /// <summary>Implements <see cref="Files"/>; the arguments are valid.</summary>
    protected abstract IEnumerable<MaskFile> FilesOf(AnnotatedPicture picture, double tolerance);

    /// <summary>The file name of a picture in this format.</summary>
    private protected string NameFor(AnnotatedPicture picture) => Path.GetFileNameWithoutExtension(picture.Path) + Extension;

    private static string Link(string path, string picture)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? Path.GetFullPath(path);
        return Path.GetRelativePath(folder, Path.GetFullPath(picture)).Replace(Path.DirectorySeparatorChar, '/');
    }

    private static void CreateFolder(string folder)
    {
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
