using System.IO.Compression;
using PocketSam.Server.Api;

namespace PocketSam.Server.Exports;

/// <summary>Makes one file of masks, in memory: what a format has several files for is packed.</summary>
internal static class Exporter
{
    /// <summary>The file of a picture's masks.</summary>
    /// <param name="format">What to make.</param>
    /// <param name="picture">The picture, which the file is named after, with its photo.</param>
    /// <param name="cancellation">Looked at between files.</param>
    /// <exception cref="ApiException">There is nothing to cut out.</exception>
    public static ExportFile Write(MaskFormat format, AnnotatedPicture picture, CancellationToken cancellation)
    {
        string name = Path.GetFileNameWithoutExtension(picture.Path);
        List<MaskFile> files = [.. format.Files(picture)];
        if (files.Count == 0)
            throw new ApiException(422, "nothing_to_export", "all masks are empty");
        if (files is [{ } only])
        {
            using var stream = new MemoryStream();
            only.Write(stream);
            return new ExportFile(
                format.IsFilePerMask ? $"{name}-{format.Name}{format.Extension}" : only.Name, format.ContentType,
                stream.GetBuffer().AsMemory(0, (int)stream.Length));
        }

        return new ExportFile(
            $"{name}-{format.Name}{(format.IsFilePerMask ? "s" : "")}.zip", "application/zip", Pack(files, cancellation));
    }

    /// <summary>PNG files do not get smaller by being packed again.</summary>
    private static ReadOnlyMemory<byte> Pack(List<MaskFile> files, CancellationToken cancellation)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (MaskFile file in files)
            {
                cancellation.ThrowIfCancellationRequested();
                using Stream entry = zip.CreateEntry(file.Name, CompressionLevel.NoCompression).Open();
                file.Write(entry);
            }
        }

        return stream.GetBuffer().AsMemory(0, (int)stream.Length);
    }
}
