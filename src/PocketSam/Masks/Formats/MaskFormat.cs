using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using PocketSam.Masks.Formats;

namespace PocketSam;

/// <summary>
/// A format that the masks of a picture are written in: one file for all of them, or a file for each. Numbers are written
/// the same in every culture.
/// </summary>
public abstract class MaskFormat
{
    /// <summary>How far simplified outlines may lie from exact ones, in pixels, unless the caller says else.</summary>
    public const double DefaultTolerance = 1;

    /// <summary>Text files begin without a byte order mark.</summary>
    private protected static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    // Run-length strings and names are full of characters that JSON allows and that are escaped for HTML's sake only.
    private protected static readonly FormatJson Json = new(new JsonSerializerOptions(FormatJson.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    /// <summary>Names a format.</summary>
    /// <param name="name">What it is asked for by, in lower case.</param>
    /// <param name="extension">How names of its files end, with the dot.</param>
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

    /// <summary>What the format is asked for by.</summary>
    public string Name { get; }

    /// <summary>How names of its files end, with the dot.</summary>
    public string Extension { get; }

    /// <summary>The media type of its files.</summary>
    public string ContentType { get; }

    /// <summary>Whether each mask has a file of its own.</summary>
    public virtual bool IsFilePerMask => false;

    /// <summary>Whether the file leads to the picture, by a path from the file's own folder.</summary>
    public virtual bool LinksPicture => false;

    /// <summary>Names of the files that <see cref="Files"/> gives beside the one that is named after the picture.</summary>
    public virtual IReadOnlyList<string> FurtherFiles => [];

    /// <summary>
    /// The files of a picture's masks. The first is the masks' own, named after the picture; a format of a file per mask
    /// names them by place too, from 0, and has none for a mask that it cannot show.
    /// </summary>
    /// <param name="picture">The picture and its masks; its path is written as it is.</param>
    /// <param name="tolerance">
    /// How far, in pixels, outlines may lie from the exact ones; 0 keeps every corner. Formats without outlines are exact.
    /// </param>
    /// <exception cref="ArgumentException">
    /// The tolerance is negative or not finite, or the format needs the photo and it is missing or of another size.
    /// </exception>
    public IEnumerable<MaskFile> Files(AnnotatedPicture picture, double tolerance = DefaultTolerance)
    {
        ArgumentNullException.ThrowIfNull(picture);
        if (!(tolerance >= 0 && double.IsFinite(tolerance)))
            throw new ArgumentOutOfRangeException(nameof(tolerance), tolerance, "a tolerance is 0 pixels or more");
        Check(picture);
        return FilesOf(picture, tolerance);
    }

    /// <summary>
    /// What it takes to write a mask, for who has to refuse what is too much: its corners, where a format is of outlines.
    /// Lines of text that grow with the run lengths alone cost nothing.
    /// </summary>
    /// <param name="mask">The mask.</param>
    public virtual MaskCost CostOf(Annotation mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        return new MaskCost(Corners: mask.Segmentation.CountCorners());
    }

    /// <summary>
    /// Writes the masks of a picture: each file appears whole or not at all. Where the format <see cref="LinksPicture"/>,
    /// the picture's path becomes one from the file's folder, with <c>/</c> between its parts.
    /// </summary>
    /// <param name="path">
    /// The file, of which one that exists is replaced and beside which further files go; or the folder of the files of a
    /// format of a file per mask (<see cref="IsFilePerMask"/>), which is made where it is missing.
    /// </param>
    /// <param name="picture">The picture, its path as it leads there from the working directory.</param>
    /// <param name="tolerance">As for <see cref="Files"/>.</param>
    /// <param name="cancellation">Looked at between files; those written so far stay.</param>
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

    /// <summary>Refuses a picture that the format cannot be made of.</summary>
    /// <exception cref="ArgumentException">Says why.</exception>
    protected virtual void Check(AnnotatedPicture picture)
    {
    }

    /// <summary>As <see cref="Files"/>, of arguments that are in order.</summary>
    protected abstract IEnumerable<MaskFile> FilesOf(AnnotatedPicture picture, double tolerance);

    /// <summary>The name of the only file of a picture.</summary>
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
