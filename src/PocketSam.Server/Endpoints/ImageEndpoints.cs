using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using PocketSam.Server.Api;
using PocketSam.Server.Images;

namespace PocketSam.Server.Endpoints;

/// <summary>Uploads, states and deletes pictures.</summary>
internal sealed class ImageEndpoints(
    Uploads uploads, ImageStore store, PictureFinder pictures, IOptions<PocketSamOptions> options, TimeProvider time, IHostApplicationLifetime lifetime)
{
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(10);

    public async Task UploadAsync(HttpContext context)
    {
        Photo photo = await uploads.ReceiveAsync(context);
        if (context.RequestAborted.IsCancellationRequested)
        {
            store.Remove(photo.Id);
            return;
        }

        context.Response.StatusCode = StatusCodes.Status202Accepted;
        context.Response.Headers.Location = $"{context.Request.PathBase}{context.Request.Path.Value!.TrimEnd('/')}/{photo.Id}";
        await JsonBody.WriteAsync(context, photo.Describe().Document, JsonBody.Types.ImageDocument);
    }

    public async Task GetAsync(HttpContext context, string id)
    {
        using PhotoLease lease = await pictures.LeaseAsync(context, id);
        await JsonBody.WriteAsync(context, lease.Photo.Describe().Document, JsonBody.Types.ImageDocument);
    }

    public async Task DeleteAsync(HttpContext context, string id)
    {
        if (!await pictures.RemoveAsync(context, id))
            throw ApiException.ImageUnknown();
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>
    /// Sends every change of a picture's state until its encoding has ended. A picture whose last watcher leaves before
    /// that is removed after a while.
    /// </summary>
    public async Task WatchAsync(HttpContext context, string id)
    {
        Photo photo;
        using (PhotoLease lease = await pictures.LeaseAsync(context, id))
            photo = lease.Photo;
        photo.AddWatcher();
        try
        {
            using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(
                context.RequestAborted, lifetime.ApplicationStopping);
            await SendChangesAsync(context, photo, cancellation.Token);
        }
        finally
        {
            if (photo.RemoveWatcher() && !photo.IsSettled)
                _ = GiveUpAsync(photo);
        }
    }

    private static async Task SendChangesAsync(HttpContext context, Photo photo, CancellationToken cancellation)
    {
        var events = new EventStream(context);
        await events.StartAsync();
        ImageDocument? sent = null;
        double sentFraction = 0;
        while (true)
        {
            (ImageDocument document, double fraction, Task change) = photo.Describe();
            if (document != sent)
                await events.SendAsync("state", sent = document, JsonBody.Types.ImageDocument);
            if (fraction != sentFraction)
            {
                sentFraction = fraction;
                await events.SendAsync("progress", new EncodingProgress(fraction), JsonBody.Types.EncodingProgress);
            }

            if (photo.IsSettled)
            {
                // It may have settled after the description was taken.
                if (photo.Describe().Document == sent)
                    return;
                continue;
            }

            if (photo.Removed.IsCancellationRequested)
            {
                ProblemDocument problem = Problems.ToDocument(ApiException.ImageUnknown());
                await events.SendAsync("error", problem, JsonBody.Types.ProblemDocument);
                return;
            }

            try
            {
                await change.WaitAsync(Heartbeat, cancellation);
            }
            catch (TimeoutException)
            {
                await events.SendHeartbeatAsync();
            }
        }
    }

    private async Task GiveUpAsync(Photo photo)
    {
        long left = time.GetTimestamp();
        await Task.Delay(options.Value.GiveUpAfter, time);
        if (!photo.IsSettled && !photo.IsWatched && store.LastUse(photo.Id) <= left)
            store.Remove(photo.Id);
    }
}
