using System.Security.Cryptography;
using PocketSam.Imaging;
using PocketSam.Labelling.Api;
using PocketSam.Labelling.Storage;

namespace PocketSam.Labelling.Pictures;

/// <summary>The folder of the pictures; it is read and never written to.</summary>
internal sealed class PictureFolder
{
    private const int MaxPictures = 1_000_000;
    private const int MaxDepth = 64;
    private const long MaxBytes = 1L << 30;
    private static readonly string[] Extensions
        = [".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".tif", ".tiff", ".bmp", ".gif"];

    /// <param name="path">The folder.</param>
    /// <exception cref="IOException">There is none.</exception>
    public PictureFolder(string path)
    {
        Path = System.IO.Path.GetFullPath(path);
        if (!Directory.Exists(Path))
            throw new IOException($"{path}: there is no such folder");
    }

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>What the project is called.</summary>
    public string Name => System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(Path)) is { Length: > 0 } name ? name : Path;

    /// <summary>All files that are named as pictures; hidden ones and what cannot be looked into are passed over.</summary>
    /// <exception cref="IOException">The folder is gone, or there are too many.</exception>
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
                // It went while it was looked at.
            }
        }

        return found;
    }

    /// <summary>The file of a picture.</summary>
    public string FileOf(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Its bytes.</summary>
    /// <exception cref="LabelException">It is not there, or cannot be read.</exception>
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

    /// <summary>The upright size; zeros where the file is no picture that can be read.</summary>
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

    /// <summary>SHA-256 of a file; null where it cannot be read.</summary>
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

/// <summary>A file that is named as a picture.</summary>
/// <param name="Name">From the folder, with <c>/</c> between folders.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Modified">When it was written, in ticks of UTC.</param>
internal sealed record FoundPicture(string Name, long Bytes, long Modified);
