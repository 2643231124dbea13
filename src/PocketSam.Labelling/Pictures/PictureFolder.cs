using System.Security.Cryptography;
using PocketSam.Imaging;
using PocketSam.Labelling.Api;
using PocketSam.Labelling.Storage;

namespace PocketSam.Labelling.Pictures;

/// <summary>The folder of the pictures, which is only read.</summary>
internal sealed class PictureFolder
{
    private const int MaxPictures = 1_000_000;
    private const int MaxDepth = 64;
    private const long MaxBytes = 1L << 30;
    private static readonly string[] Extensions
        = [".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".tif", ".tiff", ".bmp", ".gif"];

    /// <param name="path">The folder.</param>
    /// <exception cref="IOException">The folder does not exist.</exception>
    public PictureFolder(string path)
    {
        Path = System.IO.Path.GetFullPath(path);
        if (!Directory.Exists(Path))
            throw new IOException($"{path}: there is no such folder");
    }

    /// <summary>The absolute path.</summary>
    public string Path { get; }

    /// <summary>The name of the project.</summary>
    public string Name => System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(Path)) is { Length: > 0 } name ? name : Path;

    /// <summary>All files with the extension of a picture. Hidden files and inaccessible folders are skipped.</summary>
    /// <exception cref="IOException">The folder is missing, or has too many pictures.</exception>
    public IReadOnlyList<FoundPicture> Find()
    {
        var options = new EnumerationOptions
        {
            RecurseSubdirectories = true, IgnoreInaccessible = true, MaxRecursionDepth = MaxDepth,
            AttributesToSkip = FileAttributes.Hidden | FileAttributes.System,
        };
        List<FoundPicture> found = [];
        foreach (FileInfo file in new DirectoryInfo(Path).EnumerateFiles("*", options))
        {
            if (!Extensions.Contains(file.Extension.ToLowerInvariant()))
                continue;
            string name = System.IO.Path.GetRelativePath(Path, file.FullName).Replace(System.IO.Path.DirectorySeparatorChar, '/');
            if (name.Contains('\uFFFD') || name.Contains('\0') || name.Length > 4096)
                continue;
            if (found.Count == MaxPictures)
                throw new IOException($"{Path}: more than {MaxPictures} pictures");
            try
            {
                found.Add(new FoundPicture(name, file.Length, file.LastWriteTimeUtc.Ticks));
            }
            catch (IOException)
            {
                // The file was deleted during the scan.
            }
        }

        return found;
    }

    /// <summary>The path of a picture's file.</summary>
    public string FileOf(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Reads the file of a picture.</summary>
    /// <exception cref="LabelException">The file is missing, larger than 1 GiB, or cannot be read.</exception>
    public async Task<byte[]> ReadAsync(StoredPicture picture, CancellationToken cancellation)
    {
        string file = FileOf(picture.Path);
        try
        {
            if (new FileInfo(file) is { Exists: true, Length: > MaxBytes })
                throw new LabelException(422, "picture_too_large", $"{picture.Path}: more than {MaxBytes >> 20} MiB");
            return await File.ReadAllBytesAsync(file, cancellation);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new LabelException(404, "picture_missing", $"{picture.Path}: the file is not there any more; its objects are kept", inner: e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LabelException(422, "picture_unreadable", $"{picture.Path}: {e.Message}", inner: e);
        }
    }

    /// <summary>Size of the upright picture, in pixels; zeros if the file cannot be read as a picture.</summary>
    public (int Width, int Height) SizeOf(string name)
    {
        try
        {
            return ImageFile.ReadSize(FileOf(name));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (0, 0);
        }
    }

    /// <summary>SHA-256 of a file, in lower-case hexadecimal; null if it cannot be read.</summary>
    public async Task<string?> HashOfAsync(string name, CancellationToken cancellation)
    {
        try
        {
            await using FileStream stream = File.OpenRead(FileOf(name));
            return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellation));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

/// <summary>A file with the extension of a picture.</summary>
/// <param name="Name">Its path relative to the folder, with <c>/</c> between folders.</param>
/// <param name="Bytes">Its length, in bytes.</param>
/// <param name="Modified">The time of its last write, in ticks, UTC.</param>
internal sealed record FoundPicture(string Name, long Bytes, long Modified);
