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

/// <summary>
/// Runs searches for masks in pictures, two at a time and one for each client, and sends the results as events.
/// </summary>
internal sealed class MaskSearch(PictureFinder pictures, IHostApplicationLifetime lifetime, ILogger<MaskSearch> log) : IDisposable
{
    private const string Name = "searches for masks";

    private readonly JobQueue _jobs = new(Name, threads: 2, queueLength: 16);

    /// <summary>
    /// One search runs for each client at a time. The share of concurrent requests bounds how many wait.
    /// </summary>
    private readonly PartitionedRateLimiter<HttpContext> _turns = PartitionedRateLimiter.Create<HttpContext, ClientAddress>(
        context => RateLimitPartition.GetConcurrencyLimiter(ClientAddress.Of(context), _ => new ConcurrencyLimiterOptions
        {
            PermitLimit = 1,
            QueueLimit = 16,
            QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
        }));

    /// <summary>
    /// Answers a request with events: <c>progress</c>, then those that the search sends for its masks, or <c>error</c>
    /// with a problem.
    /// </summary>
    /// <param name="context">The request; closing its connection cancels the search.</param>
    /// <param name="id">The picture's id.</param>
    /// <param name="search">The search.</param>
    /// <exception cref="ApiException">The picture is unknown, or not encoded.</exception>
    /// <exception cref="JobQueueFullException">Too many searches wait.</exception>
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
            // A refused search gets an HTTP status of its own, so its error must come before the first event.
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
            // The lease must last until the work has ended, which is soon after its cancellation.
            await cancellation.CancelAsync();
            await work.ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    /// <summary>Describes a mask, with the pixels of its box as PNG.</summary>
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

    /// <summary>
    /// Runs the search when its turn comes. The measured time ends with the computation, not with a client that reads
    /// slowly.
    /// </summary>
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
    /// <param name="Operation">Its name in the log.</param>
    /// <param name="Time">Records its duration in seconds, with the wait for a turn.</param>
    /// <param name="StepType">JSON metadata of its progress.</param>
    /// <param name="Prepare">
    /// Checks the request and returns the function that finds the masks, which runs on a worker thread.
    /// </param>
    /// <param name="SendAsync">Sends the masks and the duration in milliseconds.</param>
    internal sealed record Search<TStep, TMask>(
        string Operation, Histogram<double> Time, JsonTypeInfo<TStep> StepType,
        Func<Photo, Func<ImageEmbedding, IProgress<TStep>, CancellationToken, IReadOnlyList<TMask>>> Prepare,
        Func<EventStream, IReadOnlyList<TMask>, double, Task> SendAsync);

    /// <summary>Keeps only the latest step, so that a slow client delays nobody.</summary>
    private sealed class LatestStep<TStep> : IProgress<TStep>
    {
        private readonly Channel<TStep> _steps = Channel.CreateBounded<TStep>(
            new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });

        public ChannelReader<TStep> Steps => _steps.Reader;

        public void Report(TStep value) => _steps.Writer.TryWrite(value);

        public void End() => _steps.Writer.TryComplete();
    }
}
