using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PocketSam.Server.Api;
using PocketSam.Server.Jobs;
using PocketSam.Server.Metrics;

namespace PocketSam.Server.Images;

/// <summary>
/// Encodes pictures one at a time, first come, first served. A removed picture leaves the queue, or its encoding is
/// cancelled.
/// </summary>
internal sealed class EncodingQueue : BackgroundService
{
    private readonly Lock _gate = new();

    // This class enforces the length limit, since it knows the positions.
    private readonly JobQueue _jobs = new("encoding", threads: 1, queueLength: int.MaxValue);
    private readonly LinkedList<PhotoLease> _waiting = [];
    private readonly ConditionalWeakTable<Photo, Activity> _spans = [];
    private readonly SharedPictures _shared;
    private readonly Drain _drain;
    private readonly IImageEncoder _encoder;
    private readonly ServerMetrics _metrics;
    private readonly ILogger<EncodingQueue> _log;
    private readonly CancellationToken _stopping;
    private readonly int _maxLength;
    private bool _isEncoding;

    public EncodingQueue(
        IImageEncoder encoder, IOptions<PocketSamOptions> options, ServerMetrics metrics, IHostApplicationLifetime lifetime,
        SharedPictures shared, Drain drain, ILogger<EncodingQueue> log)
    {
        (_encoder, _metrics, _shared, _drain, _log) = (encoder, metrics, shared, drain, log);
        _stopping = lifetime.ApplicationStopping;
        _maxLength = options.Value.QueueLength;
        metrics.ObserveEncoding(() => Length, () => Volatile.Read(ref _isEncoding) ? 1 : 0);
    }

    /// <summary>Number of pictures that wait.</summary>
    public int Length
    {
        get
        {
            lock (_gate)
                return _waiting.Count;
        }
    }

    /// <summary>Whether no picture waits and none is being encoded.</summary>
    public bool IsIdle => Length == 0 && !Volatile.Read(ref _isEncoding);

    /// <summary>Throws if a picture of this client could not be added, before the upload is read.</summary>
    /// <exception cref="ApiException">The queue, or the client's share of it, is full.</exception>
    public void RequireRoom(ClientAddress client)
    {
        lock (_gate)
            RequirePlace(client);
    }

    /// <summary>Adds a picture and takes ownership of its lease.</summary>
    /// <exception cref="ApiException">
    /// The queue, or the client's share of it, is full; the caller keeps the lease.
    /// </exception>
    public void Add(PhotoLease lease)
    {
        LinkedListNode<PhotoLease> node;
        lock (_gate)
        {
            RequirePlace(lease.Photo.Client);
            lease.Photo.SetPosition(_waiting.Count + (_isEncoding ? 1 : 0));
            if (ServerTrace.Start("queue") is { } span)
                _spans.Add(lease.Photo, span.SetTag(ServerTrace.Picture, lease.Photo.ShortId));
            node = _waiting.AddLast(lease);
        }

        _ = RunAsync(node);
        lease.Photo.Removed.Register(() => Release(node));
    }

    public override void Dispose()
    {
        base.Dispose();
        _jobs.Dispose();
    }

    /// <summary>
    /// Warms up the encoder. If that fails, encoding the first picture fails too, and its client gets the error.
    /// </summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await _jobs.RunAsync(
                () =>
                {
                    _encoder.WarmUp();
                    _drain.SetWarm();
                    return true;
                },
                stoppingToken);
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            ServerLog.WarmUpFailed(_log, e);
        }
    }

    /// <summary>A client may fill at most three quarters of the queue, which leaves places for others.</summary>
    private void RequirePlace(ClientAddress client)
    {
        if (_waiting.Count >= _maxLength || _waiting.Count(lease => lease.Photo.Client == client) >= (3 * _maxLength + 3) / 4)
            throw Full();
    }

    private static ApiException Full()
        => new(429, "queue_full", "too many pictures wait to be encoded", TimeSpan.FromSeconds(2));

    private async Task RunAsync(LinkedListNode<PhotoLease> node)
    {
        try
        {
            await _jobs.RunAsync(() => Encode(node), node.Value.Photo.Removed);
        }
        catch (OperationCanceledException)
        {
            // The picture was removed while it waited; Release has handled that.
        }
        catch (JobQueueFullException)
        {
            // The service is stopping.
            Release(node);
        }
    }

    /// <summary>Takes a removed picture out of the queue, unless its encoding has begun.</summary>
    private void Release(LinkedListNode<PhotoLease> node)
    {
        if (!TryLeave(node, isEncoding: false))
            return;
        _metrics.EncodesCancelled.Add(1);
        ServerLog.EncodeCancelled(_log, node.Value.Photo.ShortId);
        node.Value.Dispose();
    }

    private bool TryLeave(LinkedListNode<PhotoLease> node, bool isEncoding)
    {
        lock (_gate)
        {
            if (node.List is null)
                return false;
            _waiting.Remove(node);
            if (_spans.TryGetValue(node.Value.Photo, out Activity? span))
                span.Stop();
            _isEncoding |= isEncoding;
            int position = _isEncoding ? 1 : 0;
            foreach (PhotoLease lease in _waiting)
                lease.Photo.SetPosition(position++);
            return true;
        }
    }

    private bool Encode(LinkedListNode<PhotoLease> node)
    {
        if (!TryLeave(node, isEncoding: true))
            return false;
        using (node.Value)
            Encode(node.Value.Photo);
        Volatile.Write(ref _isEncoding, false);
        return true;
    }

    private void Encode(Photo photo)
    {
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(photo.Removed, _stopping);
        photo.StartEncoding();
        using Activity? span = _spans.TryGetValue(photo, out Activity? queued) ? ServerTrace.Start("encode", queued.Context) : null;
        span?.SetTag(ServerTrace.Picture, photo.ShortId);
        long start = Stopwatch.GetTimestamp();
        try
        {
            // Another replica may have encoded it in the meantime.
            if (_shared.FindEmbedding(photo) is { } there)
            {
                photo.Complete(there);
                return;
            }

            ImageEmbedding embedding = _encoder.Encode(photo.Model, photo.Pixels, new Fraction(photo), cancellation.Token);
            TimeSpan time = Stopwatch.GetElapsedTime(start);
            _metrics.Encode.Record(time.TotalSeconds);
            ServerLog.Encoded(_log, photo.ShortId, photo.Width, photo.Height, time.TotalMilliseconds);
            _shared.AddEmbedding(photo, embedding);
            photo.Complete(embedding);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            _metrics.EncodesCancelled.Add(1);
            ServerLog.EncodeCancelled(_log, photo.ShortId);
            photo.Fail("it was given up");
        }
        catch (Exception e)
        {
            ServerLog.EncodeFailed(_log, e, photo.ShortId);
            photo.Fail("the model failed on it");
        }
    }

    /// <summary>Reports progress synchronously, on the encoding thread.</summary>
    private sealed class Fraction(Photo photo) : IProgress<double>
    {
        public void Report(double value) => photo.SetFraction(value);
    }
}
