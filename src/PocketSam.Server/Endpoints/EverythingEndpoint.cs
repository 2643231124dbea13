using System.Diagnostics;
using System.Threading.Channels;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PocketSam.Imaging.Exports;
using PocketSam.Server.Api;
using PocketSam.Server.Images;
using PocketSam.Server.Jobs;
using PocketSam.Server.Metrics;

namespace PocketSam.Server.Endpoints;

/// <summary>Finds all masks of a picture, one client's at a time, and sends them as events.</summary>
internal sealed class EverythingEndpoint(
    PictureFinder pictures, IOptions<PocketSamOptions> options, ServerMetrics metrics, IHostApplicationLifetime lifetime,
    ILogger<EverythingEndpoint> log)
    : IDisposable
{
    private const int MaxBodyBytes = 64 << 10;

    /// <summary>Bytes for the prompts of a search: half of what one alone may take, as there may be two.</summary>
    private const long MemoryBudget = 128 << 20;

    private readonly JobQueue _jobs = new("all masks", threads: 2, queueLength: 16);

    /// <summary>A client has one of the threads at most. Those that wait are few by their share of requests.</summary>
    private readonly PartitionedRateLimiter<HttpContext> _turns = PartitionedRateLimiter.Create<HttpContext, ClientAddress>(
        context => RateLimitPartition.GetConcurrencyLimiter(ClientAddress.Of(context), _ => new ConcurrencyLimiterOptions
        {
            PermitLimit = 1,
            QueueLimit = 16,
            QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
        }));

    public async Task FindAsync(HttpContext context, string id)
    {
        bool hasBody = context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody ?? true;
        EverythingRequest request = !hasBody || context.Request.ContentLength is 0
            ? new EverythingRequest()
            : await JsonBody.ReadAsync(context, JsonBody.Types.EverythingRequest, MaxBodyBytes);
        using PhotoLease lease = await pictures.LeaseAsync(context, id);
        Photo photo = lease.Photo;
        var generator = new MaskGenerator(photo.Model, Options(photo.Model.Config, request));
        ImageEmbedding embedding = photo.Embedding;

        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(
            context.RequestAborted, photo.Removed, lifetime.ApplicationStopping);
        var progress = new LatestProgress();
        Task<(IReadOnlyList<GeneratedMask> Masks, TimeSpan Time)> work = InTurnAsync(
            context, () => generator.Generate(photo.Pixels, embedding, progress, cancellation.Token), cancellation.Token);
        _ = work.ContinueWith(_ => progress.End(), TaskScheduler.Default);
        var events = new EventStream(context);
        try
        {
            // One that is refused is answered with its own status, which is sent once and first.
            if (work.IsFaulted)
                await work;
            await events.StartAsync();
            await foreach (EverythingProgress step in progress.Steps.ReadAllAsync(context.RequestAborted))
                await events.SendAsync("progress", step, JsonBody.Types.EverythingProgress);
            (IReadOnlyList<GeneratedMask> masks, TimeSpan time) = await work;
            foreach (GeneratedMask mask in masks)
                await events.SendAsync("mask", Describe(mask), JsonBody.Types.MaskDocument);
            var end = new EverythingEnd(masks.Count, Math.Round(time.TotalMilliseconds, 2));
            await events.SendAsync("done", end, JsonBody.Types.EverythingEnd);
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
                ServerLog.Failed(log, e, Operations.Everything);
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

    public void Dispose()
    {
        _jobs.Dispose();
        _turns.Dispose();
    }

    /// <summary>The masks, and the time until they were there: that of whoever takes the events does not count.</summary>
    private async Task<(IReadOnlyList<GeneratedMask> Masks, TimeSpan Time)> InTurnAsync(
        HttpContext context, Func<IReadOnlyList<GeneratedMask>> work, CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        using RateLimitLease turn = await _turns.AcquireAsync(context, permitCount: 1, cancellation);
        if (!turn.IsAcquired)
            throw new JobQueueFullException("all masks");
        IReadOnlyList<GeneratedMask> masks = await _jobs.RunAsync(work, cancellation);
        TimeSpan time = Stopwatch.GetElapsedTime(start);
        metrics.Everything.Record(time.TotalSeconds);
        return (masks, time);
    }

    private static MaskDocument Describe(GeneratedMask mask)
    {
        PixelBox box = mask.Box;
        byte[]? png = box.IsEmpty ? null : MaskPicture.EncodeStencil(mask.Segmentation.Crop(box)).ToArray();
        return new MaskDocument(
            [box.X, box.Y, box.Right, box.Bottom], mask.Area, mask.PredictedIou, mask.StabilityScore, mask.Segmentation, png);
    }

    private MaskGeneratorOptions Options(SamConfig config, EverythingRequest request)
    {
        MaskGeneratorOptions byDefault = MaskGeneratorOptions.For(config);
        if (request.PointsPerSide > options.Value.MaxPointsPerSide)
            throw Invalid($"points_per_side is {request.PointsPerSide}: at most {options.Value.MaxPointsPerSide} are asked for");
        MaskGeneratorOptions requested = byDefault with
        {
            MemoryBudget = MemoryBudget,
            Mode = request.Mode switch
            {
                null => byDefault.Mode,
                "hierarchical" => MaskGeneratorMode.Hierarchical,
                "dense" => MaskGeneratorMode.Dense,
                _ => throw Invalid($"mode '{request.Mode}': there are hierarchical and dense"),
            },
            PointsPerSide = request.PointsPerSide ?? byDefault.PointsPerSide,
            PredIouThresh = request.PredIouThresh ?? byDefault.PredIouThresh,
            StabilityScoreThresh = request.StabilityScoreThresh ?? byDefault.StabilityScoreThresh,
            MinMaskRegionArea = request.MinArea ?? byDefault.MinMaskRegionArea,
            MinMaskRegionShare = request.MinRegion ?? byDefault.MinMaskRegionShare,
        };
        try
        {
            requested.Validate();
            return requested;
        }
        catch (ArgumentException e)
        {
            throw Invalid(e.Message);
        }
    }

    private static ApiException Invalid(string detail) => new(422, "invalid_options", detail);

    /// <summary>Holds the last step only: a slow client holds nobody up.</summary>
    private sealed class LatestProgress : IProgress<MaskGeneratorProgress>
    {
        private readonly Channel<EverythingProgress> _steps = Channel.CreateBounded<EverythingProgress>(
            new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });

        public ChannelReader<EverythingProgress> Steps => _steps.Reader;

        public void Report(MaskGeneratorProgress value)
            => _steps.Writer.TryWrite(new EverythingProgress(value.PointsDone, value.Points));

        public void End() => _steps.Writer.TryComplete();
    }
}
