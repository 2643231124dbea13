using System.Security.Cryptography;

namespace PocketSam.Training.Data;

/// <summary>Identifies a picture for its results: by its path, and by its contents.</summary>
public static class PictureKey
{
    /// <summary>
    /// The picture's path relative to the folder of its data, with <c>/</c> as the separator; only the file name if it
    /// is outside of the folder.
    /// </summary>
    /// <param name="folder">The folder of the data.</param>
    /// <param name="picture">Path of the picture.</param>
    public static string Of(string folder, string picture)
    {
        string name = Path.GetRelativePath(folder, picture).Replace('\\', '/');
        return Path.IsPathRooted(name) || name.Split('/').Contains("..") ? Path.GetFileName(picture) : name;
    }

    /// <summary>
    /// The key of a data set's picture: its path relative to the data's folder, or its name in the data if it is
    /// outside of the folder.
    /// </summary>
    /// <param name="data">Path of the data file.</param>
    /// <param name="image">The picture.</param>
    public static string Of(string data, CocoImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        string folder = Path.GetDirectoryName(Path.GetFullPath(data))!, key = Of(folder, image.Path);
        return key != Path.GetFileName(image.Path) || image.Name.Length == 0 ? key : Of(folder, Path.Combine(folder, image.Name));
    }

    /// <summary>SHA-256 of the file as 64 hexadecimal digits.</summary>
    /// <param name="picture">Path of the picture.</param>
    /// <exception cref="IOException">The file does not exist or cannot be read.</exception>
    public static string Hash(string picture)
    {
        if (!File.Exists(picture))
            throw new FileNotFoundException($"{picture}: no such file", picture);
        using FileStream stream = File.OpenRead(picture);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
