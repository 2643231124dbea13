using System.Security.Cryptography;

namespace PocketSam.Training.Data;

/// <summary>How results of a picture find it again: by its place, and by what its file holds.</summary>
public static class PictureKey
{
    /// <summary>
    /// The picture's path from the folder of its data, with <c>/</c> between folders; the name alone where it lies outside.
    /// </summary>
    /// <param name="folder">The folder of the data.</param>
    /// <param name="picture">The picture's file.</param>
    public static string Of(string folder, string picture)
    {
        string name = Path.GetRelativePath(folder, picture).Replace('\\', '/');
        return Path.IsPathRooted(name) || name.Split('/').Contains("..") ? Path.GetFileName(picture) : name;
    }

    /// <summary>
    /// The key of a data set's picture: its path from the data's folder, or where it lies elsewhere, its name in the data.
    /// </summary>
    /// <param name="data">The data file.</param>
    /// <param name="image">The picture.</param>
    public static string Of(string data, CocoImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        string folder = Path.GetDirectoryName(Path.GetFullPath(data))!, key = Of(folder, image.Path);
        return key != Path.GetFileName(image.Path) || image.Name.Length == 0 ? key : Of(folder, Path.Combine(folder, image.Name));
    }

    /// <summary>SHA-256 of the file, 64 hexadecimal digits.</summary>
    /// <param name="picture">The picture's file.</param>
    /// <exception cref="IOException">There is no such file, or it cannot be read.</exception>
    public static string Hash(string picture)
    {
        if (!File.Exists(picture))
            throw new FileNotFoundException($"{picture}: no such file", picture);
        using FileStream stream = File.OpenRead(picture);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
