using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using PocketSam.Labelling.Api;
using PocketSam.Labelling.Live;
using PocketSam.Labelling.Pictures;
using PocketSam.Labelling.Storage;
using PocketSam.Server;

namespace PocketSam.Labelling.Endpoints;

/// <summary>Endpoints for the project, its classes and its events.</summary>
internal sealed class ProjectEndpoints(
    ProjectDatabase database, PictureFolder folder, FolderWatch watch, EventHub hub, PocketSamModel model, Sam origin, IHostApplicationLifetime lifetime)
{
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(10);

    public async Task GetAsync(HttpContext context)
    {
        Sam sam = model.Current;
        (List<ClassDocument> classes, CountsDocument counts) = await database.ReadAsync(
            async session => (await ClassTable.AllAsync(session), await PictureTable.CountsAsync(session)));
        await LabelBody.WriteAsync(
            context,
            new ProjectDocument(
                folder.Name, folder.Path, classes, counts, new ModelDocument(Path.GetFileName(sam.Name), sam.Fingerprint, !ReferenceEquals(sam, origin)), ReadOnly: false),
            LabelJson.Types.ProjectDocument);
    }

    /// <summary>Requests a scan of the folder.</summary>
    public Task RescanAsync(HttpContext context)
    {
        watch.RequestScan();
        context.Response.StatusCode = StatusCodes.Status202Accepted;
        return Task.CompletedTask;
    }

    public async Task AddClassAsync(HttpContext context)
    {
        ClassRequest request = await LabelBody.ReadAsync(context, LabelJson.Types.ClassRequest);
        await AnswerClassAsync(context, session => ClassTable.AddAsync(session, request));
    }

    public async Task UpdateClassAsync(HttpContext context)
    {
        long id = RequestValues.Number(context, "id");
        ClassRequest request = await LabelBody.ReadAsync(context, LabelJson.Types.ClassRequest);
        await AnswerClassAsync(context, async session =>
        {
            await ClassTable.UpdateAsync(session, id, request);
            return id;
        });
    }

    public async Task RemoveClassAsync(HttpContext context)
    {
        long id = RequestValues.Number(context, "id");
        long? other = RequestValues.Query(context, "to");
        IReadOnlyList<long> pictures = await database.WriteAsync(session => ClassTable.RemoveAsync(session, id, other));
        hub.Send(new EventDocument(EventKinds.Classes));
        if (pictures.Count > 0)
            hub.Send(new EventDocument(EventKinds.Pictures));
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>Sends events (server-sent events) until the page closes the connection.</summary>
    public async Task ListenAsync(HttpContext context)
    {
        using EventHub.Listening listening = hub.Listen();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";

        // Proxies such as nginx buffer the response without this header.
        context.Response.Headers["X-Accel-Buffering"] = "no";
        await SendAsync(": \n\n"u8.ToArray());
        while (!end.IsCancellationRequested)
        {
            try
            {
                using var wait = CancellationTokenSource.CreateLinkedTokenSource(end.Token);
                wait.CancelAfter(Heartbeat);
                EventDocument happened = await listening.Events.ReadAsync(wait.Token);
                byte[] json = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(happened, LabelJson.Types.EventDocument);
                await SendAsync([.. "data: "u8, .. json, .. "\n\n"u8]);
            }
            catch (OperationCanceledException) when (!end.IsCancellationRequested)
            {
                await SendAsync(": \n\n"u8.ToArray());
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }

        async Task SendAsync(byte[] bytes)
        {
            await context.Response.Body.WriteAsync(bytes, end.Token);
            await context.Response.Body.FlushAsync(end.Token);
        }
    }

    private async Task AnswerClassAsync(HttpContext context, Func<DbSession, Task<long>> change)
    {
        ClassDocument changed = await database.WriteAsync(async session => await ClassTable.GetAsync(session, await change(session)));
        hub.Send(new EventDocument(EventKinds.Classes));
        await LabelBody.WriteAsync(context, changed, LabelJson.Types.ClassDocument);
    }
}
