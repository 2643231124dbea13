using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json.Serialization.Metadata;
using System.Threading.Channels;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PocketSam.Imaging.Exports;
using PocketSam.Server.Api;
using PocketSam.Server.Images;
using PocketSam.Server.Jobs;
using PocketSam.Server.Metrics;

namespace PocketSam.Server.Endpoints;

/// <summary>Searches pictures for masks, two at a time and one of a client, and sends what comes of them as events.</summary>
internal sealed class MaskSearch(PictureFinder pictures, IHostApplicationLifetime lifetime, ILogger<MaskSearch> log) : IDisposable
{
    private const string Name = "searches for masks";

    private readonly JobQueue _jobs = new(Name, threads: 2, queueLength: 16);

    /// <summary>A client has one of the threads at most. Those that wait are few by their share of requests.</summary>
    private readonly PartitionedRateLimiter<HttpContext> _turns = PartitionedRateLimiter.Create<HttpContext, ClientAddress>(
        context => RateLimitPartition.GetConcurrencyLimiter(ClientAddress.Of(context), _ => new ConcurrencyLimiterOptions
        {
            PermitLimit = 1,
            QueueLimit = 16,
            QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
        }));

    /// <summary>Answers a request with events: <c>progress</c>, then whatever is sent of the masks, or <c>error</c> with a problem.</summary>
    /// <param name="context">The request; closing its connection cancels the search.</param>
    /// <param name="id">The picture.</param>
    /// <param name="search">What is done.</param>
    /// <exception cref="ApiException">The picture is not there, or not ready.</exception>
    /// <exception cref="JobQueueFullException">Too many wait already.</exception>
    public async Task AnswerAsync<TStep, TMask>(HttpContext context, string id, Search<TStep, TMask> search)
    {
        using PhotoLease lease = await pictures.LeaseAsync(context, id);
        Photo photo = lease.Photo;
        ImageEmbedding embedding = photo.Embedding;
        Func<ImageEmbedding, IProgress<TStep>, CancellationToken, IReadOnlyList<TMask>> find = search.Prepare(photo);

        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(
            context.RequestAborted, photo.Removed, lifetime.ApplicationStopping);
        var progress = new LatestStep<TStep>();
        Task<(IReadOnlyList<TMask> Masks, TimeSpan Time)> work = InTurnAsync(
            context, search.Time, () => find(embedding, progress, cancellation.Token), cancellation.Token);
        _ = work.ContinueWith(_ => progress.End(), TaskScheduler.Default);
        var events = new EventStream(context);
        try
        {
            // One that is refused is answered with its own status, which is sent once and first.
            if (work.IsFaulted)
                await work;
            await events.StartAsync();
            await foreach (TStep step in progress.Steps.ReadAllAsync(context.RequestAborted))
                await events.SendAsync("progress", step, search.StepType);
            (IReadOnlyList<TMask> masks, TimeSpan time) = await work;
            await search.SendAsync(events, masks, Math.Round(time.TotalMilliseconds, 2));
        }
        catch (OperationCanceledException) when (photo.Removed.IsCancellationRequested)
        {
            ProblemDocument problem = Problems.ToDocument(ApiException.ImageUnknown());
            await events.SendAsync("error", problem, JsonBody.Types.ProblemDocument);
        }
        catch (Exception e) when (context.Response.HasStarted && e is not OperationCanceledException
            && !context.RequestAborted.IsCancellationRequested)
        {
            ApiException? known = Problems.Explain(e);
            if (known is null)
                ServerLog.Failed(log, e, search.Operation);
            ProblemDocument problem = Problems.ToDocument(known ?? ApiException.Internal());
            await events.SendAsync("error", problem, JsonBody.Types.ProblemDocument);
        }
        finally
        {
            // The picture is in use until the work has ended, which it does soon after it is cancelled.
            await cancellation.CancelAsync();
            await work.ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    /// <summary>The mask, with the pixels of its box as PNG.</summary>
    public static MaskDocument Describe(GeneratedMask mask)
    {
        PixelBox box = mask.Box;
        byte[]? png = box.IsEmpty ? null : MaskPicture.EncodeStencil(mask.Segmentation.Crop(box)).ToArray();
        return new MaskDocument(
            [box.X, box.Y, box.Right, box.Bottom], mask.Area, mask.PredictedIou, mask.StabilityScore, mask.Segmentation, png);
    }

    public void Dispose()
    {
        _jobs.Dispose();
        _turns.Dispose();
    }

    /// <summary>The masks, and the time until they were there: that of whoever takes the events does not count.</summary>
    private async Task<(IReadOnlyList<TMask> Masks, TimeSpan Time)> InTurnAsync<TMask>(
        HttpContext context, Histogram<double> times, Func<IReadOnlyList<TMask>> work, CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        using RateLimitLease turn = await _turns.AcquireAsync(context, permitCount: 1, cancellation);
        if (!turn.IsAcquired)
            throw new JobQueueFullException(Name);
        IReadOnlyList<TMask> masks = await _jobs.RunAsync(work, cancellation);
        TimeSpan time = Stopwatch.GetElapsedTime(start);
        times.Record(time.TotalSeconds);
        return (masks, time);
    }

    /// <summary>A search for masks in a picture.</summary>
    /// <param name="Operation">What the log calls it.</param>
    /// <param name="Time">Records how long it took, waiting for a turn included.</param>
    /// <param name="StepType">How a step of its progress is written.</param>
    /// <param name="Prepare">Refuses what cannot be, and gives what finds the masks, on a thread of its own.</param>
    /// <param name="SendAsync">Sends the masks, and the milliseconds that it took.</param>
    internal sealed record Search<TStep, TMask>(
        string Operation, Histogram<double> Time, JsonTypeInfo<TStep> StepType,
        Func<Photo, Func<ImageEmbedding, IProgress<TStep>, CancellationToken, IReadOnlyList<TMask>>> Prepare,
        Func<EventStream, IReadOnlyList<TMask>, double, Task> SendAsync);

    /// <summary>Holds the last step only: a slow client holds nobody up.</summary>
    private sealed class LatestStep<TStep> : IProgress<TStep>
    {
        private readonly Channel<TStep> _steps = Channel.CreateBounded<TStep>(
            new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });

        public ChannelReader<TStep> Steps => _steps.Reader;

        public void Report(TStep value) => _steps.Writer.TryWrite(value);

        public void End() => _steps.Writer.TryComplete();
    }
}
