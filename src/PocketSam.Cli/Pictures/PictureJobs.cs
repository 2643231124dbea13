using PocketSam.Training.Data;

namespace PocketSam.Cli.Pictures;

/// <summary>Finds the pictures that are meant by a picture, a folder or a COCO file.</summary>
internal static class PictureJobs
{
    private const string DataExtension = ".json";
    private static readonly string[] PictureExtensions =
        [".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".tif", ".tiff", ".gif", ".bmp", ".ico"];

    /// <summary>Whether there may be several pictures, so that the output is a folder.</summary>
    public static bool IsCollection(string input) => Directory.Exists(input) || HasExtension(input, DataExtension);

    /// <summary>
    /// The pictures in the order of their names, or of the COCO file. In a folder of outputs a result is called as its
    /// picture with the extension behind, in the same folders.
    /// </summary>
    /// <param name="input">A picture, a folder or a COCO file.</param>
    /// <param name="output">A file for one picture, else a folder.</param>
    /// <param name="extension">How names of results end, with the dot; empty for folders.</param>
    /// <param name="recursive">Whether pictures in folders of the folder count.</param>
    /// <exception cref="IOException">There is no picture, or two would have the same output.</exception>
    public static IReadOnlyList<PictureJob> Find(string input, string output, string extension, bool recursive)
    {
        if (!IsCollection(input))
        {
            string name = Path.GetFileName(input);
            return [new(name, input, Directory.Exists(output) ? Target(output, name, extension) : output)];
        }

        PictureJob[] jobs = Directory.Exists(input)
            ? [.. InFolder(input, recursive).Select(name => Job(name, Path.Combine(input, name), output, extension))]
            : [.. InData(input).Select(picture => Job(picture.Name, picture.Path, output, extension))];
        var targets = new Dictionary<string, string>();
        foreach (PictureJob job in jobs)
        {
            if (!targets.TryAdd(job.Target, job.Picture))
                throw new IOException($"{job.Target}: would be the result of {targets[job.Target]} and of {job.Picture}");
        }

        return jobs;
    }

    private static PictureJob Job(string name, string picture, string output, string extension)
        => new(name.Replace('\\', '/'), picture, Target(output, name, extension));

    private static string Target(string folder, string name, string extension) => Path.Combine(folder, name + extension);

    private static IEnumerable<string> InFolder(string folder, bool recursive)
    {
        SearchOption option = recursive ? SearchOption.AllDirectories : SearchOption.TopDirectoryOnly;
        string[] names = [.. Directory.EnumerateFiles(folder, "*", option)
            .Where(path => PictureExtensions.Any(extension => HasExtension(path, extension)))
            .Select(path => Path.GetRelativePath(folder, path)).Order(StringComparer.Ordinal)];
        return names.Length > 0 ? names : throw new IOException(
            $"{folder}: holds no picture ({string.Join(", ", PictureExtensions)})"
            + (recursive ? "" : "; --recursive looks into its folders too"));
    }

    private static IEnumerable<(string Name, string Path)> InData(string path)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        foreach (CocoImage image in CocoDataset.Load(path).Images)
        {
            // Nothing is written outside of the output's folder, wherever the pictures lie.
            yield return (PictureKey.Of(folder, image.Path), image.Path);
        }
    }

    private static bool HasExtension(string path, string extension)
        => Path.GetExtension(path).Equals(extension, StringComparison.OrdinalIgnoreCase);
}
