using System.Globalization;
using System.IO.Compression;
using System.Text.Json.Serialization.Metadata;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using PocketSam.Imaging;
using PocketSam.Server.Api;
using PocketSam.Server.Images;

namespace PocketSam.Labelling;

/// <summary>What the page of a project asks for.</summary>
/// <param name="project">The project.</param>
/// <param name="uploads">Takes pictures for prompts.</param>
/// <param name="sam">The model that answers prompts.</param>
/// <param name="presence">Who has what open.</param>
/// <param name="events">Tells all pages.</param>
internal sealed class LabelEndpoints(LabelProject project, Uploads uploads, Sam sam, Presence presence, ProjectEvents events)
{
    private const int MaxBody = 8 << 20;
    private const int MaxName = 60;
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(10);
    private static readonly string[] ShownAsTheyAre = [".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp"];

    private readonly Thumbnails _thumbnails = new();

    public Task ProjectAsync(HttpContext context) => Answer(
        context, () => new ProjectDocument(
            Path.GetFileName(project.Folder), project.Folder, project.Classes(), project.Counts(), sam.Name), LabelProject.Json.ProjectDocument);

    public Task PicturesAsync(HttpContext context) => Answer(
        context, () => project.Pictures(FilterOf(context), Number(context, "offset") ?? 0, (int)(Number(context, "limit") ?? 200), presence.Of),
        LabelProject.Json.PicturesDocument);

    public Task NextAsync(HttpContext context) => Answer(
        context, () => project.Next(Number(context, "after") ?? 0, FilterOf(context))
            ?? throw new LabelRequestException(404, "no other picture fits"), LabelProject.Json.NextDocument);

    public Task PictureAsync(HttpContext context, long id)
        => Answer(context, () => project.Picture(id, presence.Of(id)), LabelProject.Json.OpenedDocument);

    public Task HistoryAsync(HttpContext context, long id) => Answer(context, () => project.History(id), LabelProject.Json.HistoryDocument);

    /// <summary>The picture as browsers show it: files that they read as they are, others as PNG.</summary>
    public async Task ImageAsync(HttpContext context, long id)
    {
        (string path, _, _) = Guard(() => project.PlaceOf(id));
        bool asItIs = ShownAsTheyAre.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);
        byte[] bytes = await Picture(async () => asItIs
            ? await System.IO.File.ReadAllBytesAsync(path, context.RequestAborted)
            : await Task.Run(() => ImageFile.EncodePng(ImageFile.Read(path, new ImageReadOptions(), context.RequestAborted)), context.RequestAborted));
        context.Response.ContentType = !asItIs ? "image/png" : Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".png" => "image/png",
            ".webp" => "image/webp",
            _ => "image/jpeg",
        };
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
    }

    public async Task ThumbnailAsync(HttpContext context, long id)
    {
        (string path, _, _) = Guard(() => project.PlaceOf(id));
        byte[] jpeg = await Picture(() => _thumbnails.OfAsync(path, context.RequestAborted));
        context.Response.ContentType = "image/jpeg";
        context.Response.ContentLength = jpeg.Length;
        await context.Response.Body.WriteAsync(jpeg, context.RequestAborted);
    }

    /// <summary>Gives the picture to the service, so that prompts can be asked of it.</summary>
    public async Task EmbedAsync(HttpContext context, long id)
    {
        (string path, int width, int height) = Guard(() => project.PlaceOf(id));
        byte[] file = await Picture(() => System.IO.File.ReadAllBytesAsync(path, context.RequestAborted));
        Photo photo = await uploads.TakeAsync(context, Path.GetFileName(path), file);
        if (photo.Width != width || photo.Height != height)
            throw new ApiException(409, "picture_changed", $"the file is {photo.Width}x{photo.Height} now and was {width}x{height} when it was labelled");
        await JsonBody.WriteAsync(context, new EmbedDocument(photo.Id, width, height), LabelProject.Json.EmbedDocument);
    }

    public async Task ChangeAsync(HttpContext context, long id)
    {
        ChangesRequest request = await JsonBody.ReadAsync(context, LabelProject.Json.ChangesRequest, MaxBody);
        await ChangedAsync(context, id, () => project.Change(id, request, Who(context)));
    }

    public async Task UndoAsync(HttpContext context, long id, bool undo)
    {
        ChangesRequest request = await JsonBody.ReadAsync(context, LabelProject.Json.ChangesRequest, MaxBody);
        await ChangedAsync(context, id, () => undo ? project.Undo(id, request.BaseVersion) : project.Redo(id, request.BaseVersion));
    }

    public async Task AddClassAsync(HttpContext context)
    {
        ClassRequest request = await JsonBody.ReadAsync(context, LabelProject.Json.ClassRequest, MaxBody);
        await Answer(context, () => project.AddClass(request), LabelProject.Json.ClassDocument);
        events.Send(new ProjectEvent("classes", By: Who(context), Tab: Tab(context)));
    }

    public async Task ChangeClassAsync(HttpContext context, long id)
    {
        ClassRequest request = await JsonBody.ReadAsync(context, LabelProject.Json.ClassRequest, MaxBody);
        await Answer(context, () => project.ChangeClass(id, request), LabelProject.Json.ClassDocument);
        events.Send(new ProjectEvent("classes", By: Who(context), Tab: Tab(context)));
    }

    public Task RemoveClassAsync(HttpContext context, long id)
    {
        Guard(() =>
        {
            project.RemoveClass(id, Number(context, "to"));
            return true;
        });
        events.Send(new ProjectEvent("classes", By: Who(context), Tab: Tab(context)));
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    public Task OpenAsync(HttpContext context, long id)
    {
        Guard(() => project.PlaceOf(id));
        IReadOnlyList<string> before = presence.Of(id);
        long? left = presence.Open(Tab(context), Who(context), id);
        IReadOnlyList<string> now = presence.Of(id);
        if (left is { } other)
            events.Send(new ProjectEvent("presence", other, OpenBy: presence.Of(other)));
        if (!before.SequenceEqual(now))
            events.Send(new ProjectEvent("presence", id, OpenBy: now));
        return JsonBody.WriteAsync(context, new PresenceDocument(now), LabelProject.Json.PresenceDocument);
    }

    public Task CloseAsync(HttpContext context, long id)
    {
        presence.Close(Tab(context));
        events.Send(new ProjectEvent("presence", id, OpenBy: presence.Of(id)));
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    /// <summary>Server-sent events until the page leaves or the service stops.</summary>
    public async Task EventsAsync(HttpContext context, CancellationToken stopping)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        Channel<ProjectEvent> channel = events.Listen();
        try
        {
            var stream = new EventStream(context);
            await stream.StartAsync();
            while (!end.IsCancellationRequested)
            {
                Task<bool> more = channel.Reader.WaitToReadAsync(end.Token).AsTask();
                if (await Task.WhenAny(more, Task.Delay(Heartbeat, end.Token)) != more)
                {
                    await stream.SendHeartbeatAsync();
                    continue;
                }

                while (channel.Reader.TryRead(out ProjectEvent? happened))
                    await stream.SendAsync("message", happened, LabelProject.Json.ProjectEvent);
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The page has left.
        }
        finally
        {
            events.End(channel);
        }
    }

    /// <summary>More objects like some of a picture, in the same picture.</summary>
    public async Task SimilarAsync(HttpContext context)
    {
        SimilarRequest request = await JsonBody.ReadAsync(context, LabelProject.Json.SimilarRequest, MaxBody);
        if (request.Scope is not (null or "picture"))
            throw new ApiException(501, "not_offered", "others are looked for in the same picture; 'pocketsam similar --in FOLDER' looks in many");
        (string path, int width, int height) = Guard(() => project.PlaceOf(request.PictureId));
        IReadOnlyList<ObjectDocument> objects = Guard(() => project.Picture(request.PictureId, [])).Objects;
        Rle[] examples = [.. objects.Where(o => request.ObjectIds?.Contains(o.Id) == true).Select(MaskOf)];
        if (examples.Length == 0 || !(request.Threshold is >= 0 and <= 1))
            throw new ApiException(422, "label_refused", "choose an object of the picture, and a threshold from 0 to 1");
        RgbImage image = await Picture(() => Task.Run(() => ImageFile.Read(path, new ImageReadOptions(), context.RequestAborted), context.RequestAborted));
        if (image.Width != width || image.Height != height)
            throw new ApiException(409, "picture_changed", "the file is another picture than the one that was labelled");
        IReadOnlyList<SimilarMask> found = await Task.Run(
            () => new SimilarObjects(sam, [.. examples.Select(mask => new SimilarExample(image, mask))], cancellation: context.RequestAborted)
                .Find(image, (float)request.Threshold, [.. objects.Select(MaskOf)], cancellation: context.RequestAborted),
            context.RequestAborted);
        await JsonBody.WriteAsync(
            context, new SimilarDocument(
                [.. found.Select(mask => new SimilarFound(
                    request.PictureId, new RleDocument([height, width], mask.Mask.Segmentation.ToCompressed()), mask.Similarity))],
                found.Count),
            LabelProject.Json.SimilarDocument);
    }

    /// <summary>Objects of a COCO file, which is the request's body.</summary>
    public async Task ImportAsync(HttpContext context)
    {
        string file = Path.Combine(Path.GetTempPath(), $"pocketsam-{Guid.NewGuid():N}.json");
        try
        {
            using (RequestBody body = await context.RequestServices.GetRequiredService<RequestBodies>().ReadAsync(
                context, RequestBodies.MaxDocumentBytes, "body_too_large"))
            {
                AtomicFile.Write(file, stream => stream.Write(body.Bytes));
            }

            ProjectImport done = Guard(() => project.Import(
                CocoDataset.Load(file, project.Folder).Images.Select(image => new AnnotatedPicture(
                    image.Name.Length > 0 ? image.Name : Path.GetFileName(image.Path), image.Width, image.Height,
                    [.. image.Annotations.Where(a => !a.IsCrowd).Select(a => new Annotation(a.Decode()) { Label = a.Label })])),
                Who(context)));
            events.Send(new ProjectEvent("pictures", By: Who(context), Tab: Tab(context)));
            await JsonBody.WriteAsync(
                context, new ImportDocument(
                    done.Pictures, done.Objects, done.ClassesAdded, [.. done.Skipped.Select(skipped => new SkippedDocument(skipped.Name, skipped.Why))]),
                LabelProject.Json.ImportDocument);
        }
        finally
        {
            System.IO.File.Delete(file);
        }
    }

    /// <summary>All that was labelled, as a zip: a part to learn from and one to measure on, chosen by picture.</summary>
    public async Task ExportAsync(HttpContext context)
    {
        string name = context.Request.Query["format"] is [{ Length: > 0 } asked] ? asked : "coco";
        double split = context.Request.Query["split"] is [{ Length: > 0 } share]
            && double.TryParse(share, NumberStyles.Float, CultureInfo.InvariantCulture, out double read) ? read : 0;
        if (!(split is >= 0 and < 1))
            throw new ApiException(422, "label_refused", "split is the share of pictures to measure on, from 0 to below 1");
        MaskFormat? format = name == "project" ? null : PictureFormats.All.Find(name)
            ?? throw new ApiException(422, "label_refused", $"'{(name.Length > MaxName ? name[..MaxName] : name)}' is no format: {string.Join(", ", PictureFormats.All.Names)}, project");
        string file = Path.Combine(Path.GetTempPath(), $"pocketsam-{Guid.NewGuid():N}.zip");
        try
        {
            await Task.Run(() => Guard(() => WriteZip(file, format, split, (ulong)(Number(context, "seed") ?? 1), context.RequestAborted)), context.RequestAborted);
            context.Response.ContentType = "application/zip";
            context.Response.Headers.ContentDisposition = $"attachment; filename=\"labels-{name}.zip\"";
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read);
            context.Response.ContentLength = stream.Length;
            await stream.CopyToAsync(context.Response.Body, context.RequestAborted);
        }
        finally
        {
            System.IO.File.Delete(file);
        }
    }

    private bool WriteZip(string file, MaskFormat? format, double split, ulong seed, CancellationToken cancellation)
    {
        using ZipArchive zip = new(System.IO.File.Create(file), ZipArchiveMode.Create);
        if (format is null)
        {
            string copy = file + ".db";
            try
            {
                project.CopyTo(copy);
                zip.CreateEntryFromFile(copy, LabelProject.FileName);
            }
            finally
            {
                System.IO.File.Delete(copy);
            }

            return true;
        }

        foreach (IGrouping<string, AnnotatedPicture> part in project.Export().GroupBy(picture => ProjectSplit.Of(picture.Path, split, seed)))
        {
            string prefix = part.Key.Length > 0 ? part.Key + "/" : "";
            if (format.Name == "coco")
            {
                using Stream entry = zip.CreateEntry($"{prefix}instances.json").Open();
                CocoWriter.Write(entry, part);
                continue;
            }

            foreach (AnnotatedPicture picture in part)
            {
                cancellation.ThrowIfCancellationRequested();
                string stem = Path.ChangeExtension(picture.Path, null);
                AnnotatedPicture shown = format.LinksPicture || format.ContentType.StartsWith("image/png", StringComparison.Ordinal)
                    ? picture with { Photo = ImageFile.Read(Path.Combine(project.Folder, picture.Path), new ImageReadOptions(), cancellation) } : picture;
                foreach (MaskFile made in format.Files(shown))
                {
                    string target = format.IsFilePerMask ? $"{stem}/{made.Name}"
                        : format.FurtherFiles.Contains(made.Name) ? made.Name : stem + format.Extension;
                    if (format.FurtherFiles.Contains(made.Name) && picture != part.First())
                        continue;
                    using Stream entry = zip.CreateEntry(prefix + target).Open();
                    made.Write(entry);
                }
            }
        }

        return true;
    }

    private async Task ChangedAsync(HttpContext context, long id, Func<ChangesDocument> change)
    {
        ChangesDocument done;
        try
        {
            done = Guard(change);
        }
        catch (ProjectConflictException e)
        {
            context.Response.StatusCode = StatusCodes.Status409Conflict;
            await JsonBody.WriteAsync(context, e.Conflict, LabelProject.Json.ConflictDocument);
            return;
        }

        events.Send(new ProjectEvent("picture", id, done.Version, Who(context), Tab(context)));
        await JsonBody.WriteAsync(context, done, LabelProject.Json.ChangesDocument);
    }

    private static Task Answer<T>(HttpContext context, Func<T> work, JsonTypeInfo<T> type) => JsonBody.WriteAsync(context, Guard(work), type);

    /// <summary>What the project refuses, in the service's words.</summary>
    private static T Guard<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (LabelRequestException e)
        {
            throw new ApiException(e.Status, "label_refused", e.Message);
        }
        catch (DataFormatException e)
        {
            throw new ApiException(422, "import_invalid", e.Message);
        }
        catch (LabelProjectException e)
        {
            throw new ApiException(503, "project_unavailable", e.Message, TimeSpan.FromSeconds(2));
        }
    }

    private static async Task<T> Picture<T>(Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ApiException(410, "picture_missing", "the picture's file is not where it was; its objects are kept");
        }
        catch (Exception e) when (e is (IOException or UnauthorizedAccessException) and not ImageFormatException)
        {
            throw new ApiException(503, "picture_unreadable", e.Message);
        }
    }

    private static Rle MaskOf(ObjectDocument o) => Rle.FromCompressed(o.Rle.Counts, o.Rle.Size[0], o.Rle.Size[1]);

    private static PictureFilter FilterOf(HttpContext context)
        => new(context.Request.Query["state"], context.Request.Query["search"], Number(context, "class"));

    private static long? Number(HttpContext context, string name)
        => long.TryParse(context.Request.Query[name], NumberStyles.Integer, CultureInfo.InvariantCulture, out long number) ? number : null;

    private static string Who(HttpContext context) => Header(context, "X-Labeller") ?? "someone";

    private static string Tab(HttpContext context) => Header(context, "X-Tab") ?? context.Connection.Id;

    private static string? Header(HttpContext context, string name)
    {
        string text = Uri.UnescapeDataString(context.Request.Headers[name].ToString());
        text = string.Concat(text.Where(c => !char.IsControl(c))).Trim();
        return text.Length == 0 ? null : text.Length > MaxName ? text[..MaxName] : text;
    }
}
