using System.Diagnostics;
using Microsoft.Extensions.Logging;
using PocketSam.Segmentation;
using PocketSam.Server.Api;
using PocketSam.Server.Images;
using PocketSam.Server.Observing;

namespace PocketSam.Server.Computing;

/// <summary>Encodes pictures one at a time in the order they came. Those that are removed leave the queue or stop.</summary>
internal sealed class EncodeQueue : IDisposable
{
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _wake = new(0);
    private readonly LinkedList<PhotoLease> _waiting = [];
    private readonly CancellationTokenSource _end = new();
    private readonly IPictureEncoder _encoder;
    private readonly PocketSamOptions _options;
    private readonly ServerMetrics _metrics;
    private readonly ILogger<EncodeQueue> _log;
    private readonly Thread _thread;
    private bool _isEncoding;

    public EncodeQueue(IPictureEncoder encoder, PocketSamOptions options, ServerMetrics metrics, ILogger<EncodeQueue> log)
    {
        (_encoder, _options, _metrics, _log) = (encoder, options, metrics, log);
        metrics.Observe("pocketsam_queue_length", "Pictures that wait to be encoded.", () => Length);
        metrics.Observe("pocketsam_encoding", "Pictures that are being encoded.", () => Volatile.Read(ref _isEncoding) ? 1 : 0);
        _thread = new Thread(Work) { IsBackground = true, Name = "PocketSam encoding" };
        _thread.Start();
    }

    /// <summary>Pictures that wait.</summary>
    public int Length
    {
        get
        {
            lock (_gate)
                return _waiting.Count;
        }
    }

    /// <summary>Refuses early what could not be taken in.</summary>
    /// <exception cref="ApiException">The queue is full.</exception>
    public void RequireRoom()
    {
        if (Length >= _options.QueueLength)
            throw Full();
    }

    /// <summary>Takes a picture in, and its lease over.</summary>
    /// <exception cref="ApiException">The queue is full; the lease stays the caller's.</exception>
    public void Add(PhotoLease lease)
    {
        LinkedListNode<PhotoLease> node;
        lock (_gate)
        {
            if (_waiting.Count >= _options.QueueLength)
                throw Full();
            lease.Photo.SetPosition(_waiting.Count + (_isEncoding ? 1 : 0));
            node = _waiting.AddLast(lease);
        }

        _wake.Release();
        lease.Photo.Removed.Register(() => Leave(node));
    }

    public void Dispose()
    {
        _end.Cancel();
        _thread.Join(TimeSpan.FromSeconds(2));
    }

    private static ApiException Full()
        => new(429, "queue_full", "too many pictures wait to be encoded", TimeSpan.FromSeconds(2));

    private void Work()
    {
        WarmUp();
        try
        {
            while (true)
            {
                _wake.Wait(_end.Token);
                if (TakeNext() is { } lease)
                {
                    using (lease)
                        Encode(lease.Photo);
                    Volatile.Write(ref _isEncoding, false);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The service ends.
        }
    }

    /// <summary>What fails here fails again with the first picture, and is told to its client.</summary>
    private void WarmUp()
    {
        try
        {
            _encoder.WarmUp();
        }
        catch (Exception e)
        {
            ServerLog.WarmUpFailed(_log, e);
        }
    }

    private PhotoLease? TakeNext()
    {
        lock (_gate)
        {
            if (_waiting.First is not { } first)
                return null;
            _waiting.RemoveFirst();
            _isEncoding = true;
            Renumber();
            return first.Value;
        }
    }

    private void Leave(LinkedListNode<PhotoLease> node)
    {
        lock (_gate)
        {
            // One that is being encoded has left the queue already.
            if (node.List is null)
                return;
            _waiting.Remove(node);
            Renumber();
        }

        _metrics.EncodesCancelled.Add(1);
        ServerLog.EncodeCancelled(_log, node.Value.Photo.ShortId);
        node.Value.Dispose();
    }

    private void Renumber()
    {
        int position = _isEncoding ? 1 : 0;
        foreach (PhotoLease lease in _waiting)
            lease.Photo.SetPosition(position++);
    }

    private void Encode(Photo photo)
    {
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(photo.Removed, _end.Token);
        photo.StartEncoding();
        long start = Stopwatch.GetTimestamp();
        try
        {
            ImageEmbedding embedding = _encoder.Encode(photo.Pixels, new Fraction(photo), cancellation.Token);
            TimeSpan time = Stopwatch.GetElapsedTime(start);
            _metrics.Encode.Add(time);
            ServerLog.Encoded(_log, photo.ShortId, photo.Width, photo.Height, time.TotalMilliseconds);
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

    /// <summary>Reports on the thread that encodes.</summary>
    private sealed class Fraction(Photo photo) : IProgress<double>
    {
        public void Report(double value) => photo.SetFraction(value);
    }
}
