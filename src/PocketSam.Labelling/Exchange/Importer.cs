using PocketSam.Datasets;
using PocketSam.Labelling.Api;
using PocketSam.Labelling.Pictures;
using PocketSam.Labelling.Storage;

namespace PocketSam.Labelling.Exchange;

/// <summary>
/// Imports objects of a data set for pictures of the project. An object that a picture already has is not added again.
/// </summary>
internal sealed class Importer(ProjectDatabase database, PictureFolder folder, TimeProvider time)
{
    private const int MaxObjects = 1_000_000;
    private const int MaxSkipped = 1000;

    /// <summary>Names of folders with the parts of a split data set.</summary>
    private static readonly string[] Parts = ["train", "val", "valid", "test"];

    /// <summary>Files at the root of a split data set that each of its parts needs.</summary>
    private static readonly string[] Shared = ["data.yaml", "data.yml", "dataset.yaml", "classes.txt", "classes.json"];

    /// <summary>The names of formats that can be imported.</summary>
    public static IReadOnlyList<string> Formats { get; } = ["auto", .. DatasetFormat.All.Select(format => format.Name)];

    /// <summary>Reads a data set and adds its objects, all or none.</summary>
    /// <param name="path">The folder of the data set; files are copied into its parts.</param>
    /// <param name="formatName">One of <see cref="Formats"/>.</param>
    /// <param name="who">The person who imports.</param>
    /// <param name="cancellation">Checked between pictures.</param>
    /// <returns>What is added, and the ids of the changed pictures.</returns>
    /// <exception cref="LabelException">The folder is not a data set of a known format, or is invalid.</exception>
    public async Task<(ImportDocument Document, IReadOnlyList<long> Changed)> ImportAsync(
        string path, string formatName, string who, CancellationToken cancellation)
    {
        List<SkippedDocument> skipped = [];
        List<LabelledPicture> read = await Task.Run(() => Read(path, formatName, skipped, cancellation), cancellation);
        return await database.WriteAsync(session => AddAsync(session, read, [.. skipped], who));
    }

    private List<LabelledPicture> Read(string path, string formatName, List<SkippedDocument> skipped, CancellationToken cancellation)
    {
        var index = new PictureIndex(folder.Path);
        List<LabelledPicture> read = [];
        int objects = 0;
        foreach (string part in PartsOf(path))
        {
            DatasetFormat format = formatName == "auto"
                ? DatasetFormat.All.FirstOrDefault(known => known.Recognises(part))
                    ?? throw new LabelException(
                        422, "format_unknown", $"no data set that is known ({string.Join(", ", Formats.Skip(1))})")
                : DatasetFormat.All.First(known => known.Name == formatName);
            string root = path + Path.DirectorySeparatorChar;
            try
            {
                var set = new DatasetReading(part, index, prefersImages: true, [], isClosed: true);
                foreach (LabelledPicture picture in format.Read(set))
                {
                    cancellation.ThrowIfCancellationRequested();
                    if ((objects += picture.Annotations.Count) > MaxObjects)
                        throw LabelException.Invalid($"more than {MaxObjects} objects: import them in parts");
                    read.Add(picture);
                }

                foreach ((string reason, int count, string first) in set.LeftOutReasons)
                    skipped.Add(new SkippedDocument(first.Replace(root, "", StringComparison.Ordinal), $"{count} {reason}"));
            }
            catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
            {
                throw new LabelException(422, "set_invalid", e.Message.Replace(root, "", StringComparison.Ordinal).ReplaceLineEndings(" "), inner: e);
            }
        }

        return read;
    }

    /// <summary>The data sets of a folder: the folder itself, or its parts.</summary>
    private static IReadOnlyList<string> PartsOf(string path)
    {
        for (int depth = 0; depth < 8; depth++)
        {
            string[] folders = Directory.GetDirectories(path);
            string[] files = Directory.GetFiles(path);
            string[] parts = [.. folders.Where(folder => Parts.Contains(Path.GetFileName(folder)))];
            bool holdsFiles = parts.Any(part => Directory.EnumerateFileSystemEntries(part).Any());
            if (parts.Length > 0 && parts.Length == folders.Length && holdsFiles)
            {
                foreach (string file in files.Where(file => Shared.Contains(Path.GetFileName(file))))
                {
                    foreach (string part in parts.Where(part => !File.Exists(Path.Combine(part, Path.GetFileName(file)))))
                        File.Copy(file, Path.Combine(part, Path.GetFileName(file)));
                }

                return [.. parts.Where(part => Directory.EnumerateFileSystemEntries(part).Any())];
            }

            if (folders.Length != 1 || files.Length > 0 || Path.GetFileName(folders[0]) is "labels" or "annotations" or "masks")
                break;
            path = folders[0];
        }

        return [path];
    }

    private async Task<(ImportDocument Document, IReadOnlyList<long> Changed)> AddAsync(
        DbSession session, List<LabelledPicture> read, List<SkippedDocument> skipped, string who)
    {
        DateTimeOffset now = time.GetUtcNow();
        string when = ChangeLog.TimeText(now);
        Dictionary<string, long> classes = [];
        List<string> added = [];
        List<long> changed = [];
        long objects = 0;
        foreach (IGrouping<string, LabelledPicture> group in read.Where(picture => picture.Annotations.Count > 0).GroupBy(picture => picture.Name))
        {
            StoredPicture? picture = await session.FirstAsync(
                $"SELECT {StoredPicture.Columns} FROM pictures WHERE path = @path{session.Database.ForUpdate}", StoredPicture.Read, ("path", group.Key));
            if (picture is null)
            {
                skipped.Add(new SkippedDocument(group.Key, "the project has no such picture"));
                continue;
            }

            if (group.FirstOrDefault(part => (part.Width, part.Height) != (picture.Width, picture.Height)) is { } other)
            {
                skipped.Add(new SkippedDocument(
                    group.Key, $"masks of {other.Width}x{other.Height} for a picture of {picture.Width}x{picture.Height}"));
                continue;
            }

            HashSet<(long, string)> there = [.. (await PictureTable.ObjectsAsync(session, picture.Id)).Select(thing => (thing.ClassId, thing.Counts))];
            List<StoredObject> wanted = [];
            int known = 0;
            foreach (Annotation annotation in group.SelectMany(part => part.Annotations))
            {
                long classId = await ClassOfAsync(Words.Clean(annotation.ClassName, ClassTable.MaxName));
                string counts = annotation.Segmentation.ToCompressed();
                if (there.Add((classId, counts)))
                    wanted.Add(new StoredObject(0, classId, picture.Height, picture.Width, counts, "{}", "import", who, when, annotation.PredictedIou));
                else
                    known++;
            }

            if (known > 0)
                skipped.Add(new SkippedDocument(group.Key, $"{known} objects are there already"));
            if (wanted.Count == 0)
                continue;
            objects += await ChangeLog.ImportAsync(session, picture, wanted, who, now);
            changed.Add(picture.Id);
        }

        int more = skipped.Count - MaxSkipped;
        if (more > 0)
            skipped = [.. skipped.Take(MaxSkipped), new SkippedDocument("", $"{more} more")];
        return (new ImportDocument(changed.Count, objects, added, skipped), changed);

        async Task<long> ClassOfAsync(string name)
        {
            name = name.Length == 0 ? "object" : name;
            if (classes.TryGetValue(name, out long id))
                return id;
            (classes[name], bool isNew) = await ClassTable.EnsureAsync(session, name);
            if (isNew)
                added.Add(name);
            return classes[name];
        }
    }
}
