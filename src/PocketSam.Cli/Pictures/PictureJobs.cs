using PocketSam.Training.Data;

namespace PocketSam.Cli.Pictures;

/// <summary>Finds the pictures of an input: a picture, a folder or a COCO file.</summary>
internal static class PictureJobs
{
    private const string DataExtension = ".json";
    private static readonly string[] PictureExtensions =
        [".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".tif", ".tiff", ".gif", ".bmp", ".ico"];

    /// <summary>Whether the input may have several pictures, so that the output is a folder.</summary>
    public static bool IsCollection(string input) => Directory.Exists(input) || HasExtension(input, DataExtension);

    /// <summary>
    /// Finds the pictures in the order of their names or of the COCO file. In an output folder, results have the
    /// subfolders of their pictures.
    /// </summary>
    /// <param name="input">A picture, a folder or a COCO file.</param>
    /// <param name="output">A file for one picture, else a folder.</param>
    /// <param name="nameFor">Makes the name of a result from the name of its picture.</param>
    /// <param name="recursive">Whether pictures in subfolders count.</param>
    /// <param name="images">Folder of a COCO file's pictures; null for the usual places.</param>
    /// <param name="taken">File names that no result may have in any folder, as other output files have them.</param>
    /// <exception cref="IOException">There is no picture, or two pictures would have the same output.</exception>
    public static PictureSearch Find(
        string input, string output, Func<string, string> nameFor, bool recursive, string? images, params IEnumerable<string> taken)
    {
        var passedOver = new SortedDictionary<string, int>(StringComparer.Ordinal);
        if (!IsCollection(input))
        {
            string name = Path.GetFileName(input);
            return new([new(name, input, Directory.Exists(output) ? Path.Combine(output, nameFor(name)) : output)], passedOver);
        }

        IEnumerable<(string Name, string Path)> pictures = Directory.Exists(input)
            ? InFolder(input, recursive, passedOver).Select(name => (name.Replace('\\', '/'), Path.Combine(input, name)))
            : InData(input, images);
        PictureJob[] jobs = [.. pictures.Select(
            picture => new PictureJob(picture.Name, picture.Path, Path.Combine(output, nameFor(picture.Name))))];
        string[] namesTaken = [.. taken];
        var targets = new Dictionary<string, string>();
        foreach (PictureJob job in jobs)
        {
            if (namesTaken.Contains(Path.GetFileName(job.Target)))
                throw new IOException($"{job.Target}: would be the result of all pictures and of {job.Picture}");
            if (!targets.TryAdd(job.Target, job.Picture))
                throw new IOException($"{job.Target}: would be the result of {targets[job.Target]} and of {job.Picture}");
        }

        return new(jobs, passedOver);
    }

    /// <summary>Finds the pictures of a folder and its subfolders, in the order of their names.</summary>
    /// <exception cref="IOException">There is no picture.</exception>
    public static IReadOnlyList<PictureJob> InFolder(string folder)
        => Find(folder, folder, name => name, recursive: true, images: null).Jobs;

    private static string[] InFolder(string folder, bool recursive, SortedDictionary<string, int> passedOver)
    {
        SearchOption option = recursive ? SearchOption.AllDirectories : SearchOption.TopDirectoryOnly;
        var results = new WrittenResults(folder, option);
        var names = new List<string>();
        foreach (string path in Directory.EnumerateFiles(folder, "*", option))
        {
            if (ResultLog.IsNamed(path))
                continue;
            if (results.Holds(path))
                Count("written by an earlier run");
            else if (PictureExtensions.Any(extension => HasExtension(path, extension)))
                names.Add(Path.GetRelativePath(folder, path));
            else
                Count($"not named as a picture ({(Path.GetExtension(path) is { Length: > 0 } extension ? extension : "no extension")})");
        }

        if (!recursive && Directory.EnumerateDirectories(folder).Count() is > 0 and var folders)
            passedOver["folders, which --recursive looks into"] = folders;
        names.Sort(StringComparer.Ordinal);
        return names.Count > 0 ? [.. names] : throw new IOException(
            $"{folder}: holds no picture ({string.Join(", ", PictureExtensions)})"
            + (recursive ? "" : "; --recursive looks into its folders too"));

        void Count(string reason) => passedOver[reason] = passedOver.GetValueOrDefault(reason) + 1;
    }

    private static IEnumerable<(string Name, string Path)> InData(string path, string? images)
    {
        foreach (CocoImage image in CocoDataset.Load(path, images).Images)
        {
            // The key keeps results within the output folder, wherever the pictures are.
            yield return (PictureKey.Of(path, image), image.Path);
        }
    }

    private static bool HasExtension(string path, string extension)
        => Path.GetExtension(path).Equals(extension, StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// The results in the logs of the folder, of its searched subfolders and of the folders above it.
    /// </summary>
    private sealed class WrittenResults
    {
        private readonly HashSet<string> _paths = [];

        public WrittenResults(string folder, SearchOption option)
        {
            var logs = new List<string>(ResultLog.In(folder, option));
            for (string? above = Path.GetDirectoryName(Path.GetFullPath(folder)); above is not null; above = Path.GetDirectoryName(above))
                logs.AddRange(ResultLog.In(above));
            foreach (string home in logs.Select(log => Path.GetDirectoryName(Path.GetFullPath(log))!).Distinct())
            {
                _paths.UnionWith(ResultLog.Open(home).Names.Select(name => Path.GetFullPath(name, home)));
            }
        }

        /// <summary>Whether a file is a result or is in a folder that is one.</summary>
        public bool Holds(string path)
        {
            if (_paths.Count == 0)
                return false;
            for (string? part = Path.GetFullPath(path); part is not null; part = Path.GetDirectoryName(part))
            {
                if (_paths.Contains(part))
                    return true;
            }

            return false;
        }
    }
}
