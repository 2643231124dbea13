using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using PocketSam.Datasets;
using PocketSam.Datasets.Writing;
using PocketSam.Labelling.Api;
using PocketSam.Labelling.Pictures;
using PocketSam.Labelling.Storage;

namespace PocketSam.Labelling.Exchange;

/// <summary>
/// Exports the objects of a project in a data set format, as a zip archive with a training and a validation part. Class
/// ids are the classes' order in the project, in both parts. A picture stays in its part when others are added.
/// </summary>
internal sealed class ProjectExport(ProjectDatabase database, PictureFolder folder)
{
    private const string Train = "train", Validation = "val";
    private const string Yolo = "yolo", Cutout = "cutout";

    /// <summary>The names of formats that can be exported.</summary>
    public static IReadOnlyList<string> Formats { get; } = [.. DatasetWriter.All.Select(writer => writer.Name)];

    /// <summary>Writes the archive.</summary>
    /// <param name="path">The file to write.</param>
    /// <param name="request">The format and the pictures to export.</param>
    /// <param name="cancellation">Checked between pictures.</param>
    public async Task WriteAsync(string path, ExportRequest request, CancellationToken cancellation)
    {
        (List<ClassDocument> classes, List<StoredPicture> pictures, ILookup<long, StoredObject> objects) = await ReadAsync(request);
        await Task.Run(() => Write(path, request, classes, pictures, objects, cancellation), cancellation);
    }

    /// <summary>Whether a picture is in the validation part, which depends on its name and the seed only.</summary>
    public static bool IsValidation(string name, double share, long seed)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{seed}/{name}"));
        return BinaryPrimitives.ReadUInt32BigEndian(hash) / (double)(1L << 32) < share;
    }

    private async Task<(List<ClassDocument> Classes, List<StoredPicture> Pictures, ILookup<long, StoredObject> Objects)> ReadAsync(
        ExportRequest request) => await database.ReadAsync(async session =>
    {
        List<ClassDocument> classes = await ClassTable.AllAsync(session);
        List<StoredPicture> pictures = await session.QueryAsync(
            $"""
            SELECT {StoredPicture.Columns} FROM pictures p WHERE state <> 'rejected' AND width > 0
                AND (state <> 'todo' OR EXISTS (SELECT 1 FROM objects o WHERE o.picture_id = p.id)) ORDER BY sort_key, path
            """,
            StoredPicture.Read);
        if (request.States is { } states)
            pictures.RemoveAll(picture => !states.Contains(picture.State));
        var objects = (await session.QueryAsync(
            $"SELECT {StoredObject.Columns}, picture_id FROM objects ORDER BY id",
            row => (Picture: row.GetInt64(10), Object: StoredObject.Read(row)))).ToLookup(row => row.Picture, row => row.Object);
        return (classes, pictures, objects);
    });

    private void Write(
        string path, ExportRequest request, List<ClassDocument> classes, List<StoredPicture> pictures, ILookup<long, StoredObject> objects,
        CancellationToken cancellation)
    {
        DatasetWriter writer = DatasetWriter.All.First(known => known.Name == request.Format);
        DirectoryInfo work = Directory.CreateTempSubdirectory("pocketsam-export-");
        try
        {
            List<string> leftOut = [];
            foreach (string part in new[] { Train, Validation })
            {
                StoredPicture[] members =
                    [.. pictures.Where(picture => IsValidation(picture.Path, request.Split, request.Seed) == (part == Validation))];
                if (members.Length == 0)
                    continue;
                WritePart(writer, work.FullName, part, members, classes, objects, leftOut, cancellation);
            }

            if (request.Format == Yolo)
                WriteLines(Path.Combine(work.FullName, "data.yaml"), Description(classes));
            if (leftOut.Count > 0)
                WriteLines(Path.Combine(work.FullName, "left-out.txt"), leftOut);
            using ZipArchive archive = ZipFile.Open(path, ZipArchiveMode.Create);
            foreach (string file in Directory.EnumerateFiles(work.FullName, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            {
                cancellation.ThrowIfCancellationRequested();
                archive.CreateEntryFromFile(file, NameIn(work.FullName, file));
            }

            if (request.HasPictures)
                AddPictures(archive, pictures, request, cancellation);
        }
        finally
        {
            work.Delete(recursive: true);
        }
    }

    private void WritePart(
        DatasetWriter writer, string work, string part, StoredPicture[] members, List<ClassDocument> classes, ILookup<long, StoredObject> objects,
        List<string> leftOut, CancellationToken cancellation)
    {
        var names = classes.ToDictionary(known => known.Id, known => known.Name);
        List<LabelledPicture> labelled = [];
        foreach (StoredPicture picture in members)
        {
            cancellation.ThrowIfCancellationRequested();
            StoredObject[] fitting = [.. objects[picture.Id].Where(thing => (thing.Width, thing.Height) == (picture.Width, picture.Height))];
            int others = objects[picture.Id].Count() - fitting.Length;
            if (others > 0)
                leftOut.Add($"{picture.Path}: {others} objects of an earlier picture of another size");
            bool needsPhoto = writer.Name == Cutout;
            if (needsPhoto && picture.Status != StoredPicture.Here)
            {
                leftOut.Add($"{picture.Path}: the file is {picture.Status}");
                continue;
            }

            labelled.Add(new LabelledPicture(
                picture.Path, needsPhoto ? folder.FileOf(picture.Path) : null, picture.Width, picture.Height,
                [.. fitting.Select(thing => new Annotation(Rle.FromCompressed(thing.Counts, thing.Height, thing.Width))
                {
                    Label = names[thing.ClassId], PredictedIou = (float?)thing.Score,
                })]));
        }

        var set = new DatasetReading(
            folder.Path, PictureIndex.Empty(work), prefersImages: false, classes.Select(known => known.Name));
        string home = Path.Combine(work, part);
        if (writer.Extension is not null)
            Directory.CreateDirectory(home);
        try
        {
            writer.Write(
                writer.Extension is null ? home : Path.Combine(home, writer.Name + writer.Extension), labelled, set,
                MaskFormat.DefaultTolerance, cancellation);
        }
        catch (IOException e)
        {
            // Usually two pictures that would share a file name.
            string reason = e.Message.Replace(work + Path.DirectorySeparatorChar, "", StringComparison.Ordinal).ReplaceLineEndings(" ");
            throw new LabelException(422, "export_failed", reason, inner: e);
        }

        leftOut.AddRange(set.LeftOut);
    }

    private void AddPictures(ZipArchive archive, List<StoredPicture> pictures, ExportRequest request, CancellationToken cancellation)
    {
        foreach (StoredPicture picture in pictures.Where(picture => picture.Status != StoredPicture.Missing && File.Exists(folder.FileOf(picture.Path))))
        {
            cancellation.ThrowIfCancellationRequested();
            string part = IsValidation(picture.Path, request.Split, request.Seed) ? Validation : Train;
            archive.CreateEntryFromFile(folder.FileOf(picture.Path), $"{part}/images/{picture.Path}", CompressionLevel.NoCompression);
        }
    }

    /// <summary>Lines of Ultralytics' data.yaml. A JSON string is a valid YAML string.</summary>
    private static IEnumerable<string> Description(List<ClassDocument> classes)
        => new[] { "path: .", $"train: {Train}/images", $"val: {Validation}/images", "names:" }
            .Concat(classes.Select((known, i) => $"  {i}: \"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(known.Name)}\""));

    private static void WriteLines(string path, IEnumerable<string> lines) => AtomicFile.Write(path, stream =>
    {
        using var text = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        foreach (string line in lines)
            text.WriteLine(line);
    });

    private static string NameIn(string root, string file) => Path.GetRelativePath(root, file).Replace(Path.DirectorySeparatorChar, '/');
}

/// <summary>The options of an export.</summary>
/// <param name="Format">One of <see cref="ProjectExport.Formats"/>.</param>
/// <param name="Split">The fraction of pictures in the validation part, 0 to 1.</param>
/// <param name="Seed">The seed of the split.</param>
/// <param name="States">Exports pictures in these states only; null for all that are worked on and not
/// rejected.</param>
/// <param name="HasPictures">Whether the archive contains the pictures' files.</param>
internal sealed record ExportRequest(string Format, double Split, long Seed, IReadOnlyList<string>? States, bool HasPictures);
