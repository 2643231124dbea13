using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using PocketSam.Labelling.Api;
using PocketSam.Labelling.Exchange;
using PocketSam.Labelling.Live;
using PocketSam.Labelling.Pictures;
using PocketSam.Labelling.Storage;

namespace PocketSam.Labelling.Endpoints;

/// <summary>Endpoints for import and export of data sets.</summary>
internal sealed class ExchangeEndpoints(
    ProjectDatabase database, PictureFolder folder, Importer importer, ProjectExport export, EventHub hub) : IDisposable
{
    private const string ProjectFormat = "project";

    /// <summary>Admits one import or export at a time, because archives need much memory and disk.</summary>
    private readonly SemaphoreSlim _turns = new(1, 1);

    public async Task ImportAsync(HttpContext context)
    {
        string format = context.Request.Query["format"].ToString() is { Length: > 0 } named ? named : "auto";
        if (!Importer.Formats.Contains(format))
            throw LabelException.Invalid($"format '{Words.Clean(format, 40)}': there are {string.Join(", ", Importer.Formats)}");
        using var files = new ReceivedFiles();
        await files.ReceiveAsync(context);
        await _turns.WaitAsync(context.RequestAborted);
        try
        {
            (ImportDocument document, IReadOnlyList<long> changed) = await importer.ImportAsync(
                files.Folder, format, Labeller.Of(context).Name, context.RequestAborted);
            if (document.ClassesAdded.Count > 0)
                hub.Send(new EventDocument(EventKinds.Classes));
            if (changed.Count > 0)
                hub.Send(new EventDocument(EventKinds.Pictures));
            await LabelBody.WriteAsync(context, document, LabelJson.Types.ImportDocument);
        }
        finally
        {
            _turns.Release();
        }
    }

    public async Task ExportAsync(HttpContext context)
    {
        string format = context.Request.Query["format"].ToString();
        if (format != ProjectFormat && !ProjectExport.Formats.Contains(format))
            throw LabelException.Invalid($"format '{Words.Clean(format, 40)}': there are {string.Join(", ", ProjectExport.Formats)}, {ProjectFormat}");
        DirectoryInfo work = Directory.CreateTempSubdirectory("pocketsam-export-");
        await _turns.WaitAsync(context.RequestAborted);
        try
        {
            string path = Path.Combine(work.FullName, "export");
            string extension = ".zip", type = "application/zip";
            if (format == ProjectFormat)
            {
                (extension, type) = (".db", "application/vnd.sqlite3");
                if (!await Task.Run(() => database.TryCopyTo(path), context.RequestAborted))
                    throw new LabelException(422, "no_copy", $"the project lies in {database.Name}: PostgreSQL's own pg_dump copies it");
            }
            else
            {
                await export.WriteAsync(path, Request(context, format), context.RequestAborted);
            }

            var disposition = new ContentDispositionHeaderValue("attachment");
            disposition.SetHttpFileName($"{folder.Name}-{format}{extension}");
            context.Response.Headers.ContentDisposition = disposition.ToString();
            context.Response.ContentType = type;
            context.Response.ContentLength = new FileInfo(path).Length;
            await context.Response.SendFileAsync(path, context.RequestAborted);
        }
        finally
        {
            _turns.Release();
            work.Delete(recursive: true);
        }
    }

    public void Dispose() => _turns.Dispose();

    private static ExportRequest Request(HttpContext context, string format)
    {
        string text = context.Request.Query["split"].ToString();
        double split = 0;
        if (text.Length > 0 && !(double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out split) && split is >= 0 and <= 1))
            throw LabelException.Invalid("split: a share from 0 to 1 is expected");
        string states = context.Request.Query["state"].ToString();
        return new ExportRequest(
            format, split, RequestValues.Query(context, "seed") ?? 1, states.Length == 0 ? null : states.Split(','),
            context.Request.Query["pictures"].ToString() is "1" or "true");
    }
}
