using System.IO.Compression;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using PocketSam.Labelling.Api;

namespace PocketSam.Labelling.Exchange;

/// <summary>Uploaded files in a temporary folder, which is removed on disposal. Zip archives are unpacked.</summary>
internal sealed class ReceivedFiles : IDisposable
{
    private const long MaxBytes = 1L << 30;
    private const long MaxUnpackedBytes = 4L << 30;
    private const int MaxFiles = 300_000;
    private const int MaxName = 1024;
    private const string Zip = ".zip";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pocketsam-import-");
    private long _bytes;
    private int _files;

    /// <summary>The path of the temporary folder.</summary>
    public string Folder => _folder.FullName;

    /// <summary>Receives the body of a request: a zip archive, or a form with files.</summary>
    /// <exception cref="LabelException">The body is neither, is invalid, or exceeds the limits of size or number of
    /// files.</exception>
    public async Task ReceiveAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = null;
        string? type = context.Request.ContentType;
        if (type is not null && MediaTypeHeaderValue.TryParse(type, out MediaTypeHeaderValue? media)
            && media.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
        {
            await ReceiveFormAsync(context, HeaderUtilities.RemoveQuotes(media.Boundary).Value);
        }
        else if (type is "application/zip" or "application/x-zip-compressed")
        {
            await ReceiveFileAsync("archive.zip", context.Request.Body, context.RequestAborted);
        }
        else
        {
            throw new LabelException(415, "no_files", "send application/zip, or the files as multipart/form-data");
        }

        if (_files == 0)
            throw LabelException.Invalid("no file was sent");
    }

    public void Dispose()
    {
        try
        {
            _folder.Delete(recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The operating system cleans its temporary folder up.
        }
    }

    private async Task ReceiveFormAsync(HttpContext context, string? boundary)
    {
        if (string.IsNullOrEmpty(boundary) || boundary.Length > 200)
            throw LabelException.Invalid("the form has no boundary");
        try
        {
            var reader = new MultipartReader(boundary, context.Request.Body);
            while (await reader.ReadNextSectionAsync(context.RequestAborted) is { } section)
            {
                if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out ContentDispositionHeaderValue? disposition))
                    continue;
                string name = (disposition.FileNameStar.HasValue ? disposition.FileNameStar : HeaderUtilities.RemoveQuotes(disposition.FileName)).ToString();
                if (name.Length > 0)
                    await ReceiveFileAsync(name, section.Body, context.RequestAborted);
            }
        }
        catch (InvalidDataException e)
        {
            throw new LabelException(400, "bad_form", $"the form cannot be read: {e.Message}", inner: e);
        }
        catch (IOException e) when (e is not BadHttpRequestException && !context.RequestAborted.IsCancellationRequested)
        {
            throw new LabelException(400, "bad_form", $"the form cannot be read: {e.Message}", inner: e);
        }
    }

    private async Task ReceiveFileAsync(string name, Stream content, CancellationToken cancellation)
    {
        string path = PathFor(name);
        await using (FileStream file = File.Create(path))
        {
            byte[] buffer = new byte[1 << 16];
            for (int read; (read = await content.ReadAsync(buffer, cancellation)) > 0;)
            {
                if ((_bytes += read) > MaxBytes)
                    throw new LabelException(413, "body_too_large", $"more than {MaxBytes >> 20} MiB were sent");
                await file.WriteAsync(buffer.AsMemory(0, read), cancellation);
            }
        }

        if (Path.GetExtension(path).Equals(Zip, StringComparison.OrdinalIgnoreCase))
        {
            Unpack(path, cancellation);
            File.Delete(path);
        }
    }

    private void Unpack(string path, CancellationToken cancellation)
    {
        try
        {
            using ZipArchive archive = ZipFile.OpenRead(path);
            byte[] buffer = new byte[1 << 16];
            long unpacked = 0;
            foreach (ZipArchiveEntry entry in archive.Entries.Where(entry => entry.Name.Length > 0))
            {
                cancellation.ThrowIfCancellationRequested();
                using Stream content = entry.Open();
                using FileStream file = File.Create(PathFor(entry.FullName));
                for (int read; (read = content.Read(buffer)) > 0;)
                {
                    if ((unpacked += read) > MaxUnpackedBytes)
                        throw new LabelException(413, "body_too_large", $"the archive holds more than {MaxUnpackedBytes >> 20} MiB");
                    file.Write(buffer, 0, read);
                }
            }
        }
        catch (InvalidDataException e)
        {
            throw new LabelException(422, "bad_archive", $"the archive cannot be read: {e.Message}", inner: e);
        }
    }

    /// <summary>A path within the folder for an uploaded name; creates its directories.</summary>
    /// <exception cref="LabelException">The name leads out of the folder or is invalid, or there are too many
    /// files.</exception>
    private string PathFor(string name)
    {
        if (++_files > MaxFiles)
            throw new LabelException(413, "body_too_large", $"more than {MaxFiles} files");
        string[] parts = [.. name.Replace('\\', '/').Split('/').Where(part => part is not ("" or "."))];
        if (name.Length > MaxName || parts.Length == 0 || parts.Contains("..") || parts.Any(part => part.Contains('\0') || part.EndsWith(':')))
            throw LabelException.Invalid($"'{Words.Clean(name, 80)}' is no name of a file");
        string path = Path.GetFullPath(Path.Combine([Folder, .. parts]));
        if (!path.StartsWith(Folder + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw LabelException.Invalid($"'{Words.Clean(name, 80)}' leads out of the folder");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return path;
    }
}
