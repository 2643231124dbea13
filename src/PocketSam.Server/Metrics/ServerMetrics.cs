using System.Diagnostics.Metrics;

namespace PocketSam.Server.Metrics;

/// <summary>Instruments of the service, on the meter <see cref="MeterName"/>. Durations are in seconds.</summary>
internal sealed class ServerMetrics
{
    public const string MeterName = "PocketSam";
    private const string Bytes = "By";
    private const string Seconds = "s";

    private readonly Counter<long> _requests;

    public ServerMetrics(IMeterFactory meters)
    {
        Meter = meters.Create(MeterName);
        _requests = Meter.CreateCounter<long>("pocketsam.requests", description: "Requests that were answered.");
        CacheHits = Meter.CreateCounter<long>("pocketsam.cache.hits", description: "Requests whose picture was in memory.");
        CacheMisses = Meter.CreateCounter<long>("pocketsam.cache.misses", description: "Requests whose picture was not in memory.");
        Evictions = Meter.CreateCounter<long>(
            "pocketsam.cache.evictions", description: "Pictures that made room or were not used for long.");
        Adopted = Meter.CreateCounter<long>("pocketsam.store.adopted", description: "Pictures that were taken over from another replica.");
        EncodesCancelled = Meter.CreateCounter<long>(
            "pocketsam.encodes.cancelled", description: "Encodings that nobody wanted any more.");
        Encode = Duration("pocketsam.encode", "Time of encodings.", 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8);
        Predict = Duration(
            "pocketsam.predict", "Time of predictions, waiting for a turn included.", 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28);
        Everything = Duration(
            "pocketsam.everything", "Time of searches for all masks, waiting for a turn included.", 0.5, 1, 2, 4, 8, 16, 32, 64);
        Find = Duration("pocketsam.find", "Time of searches for words, waiting for a turn included.", 0.5, 1, 2, 4, 8, 16, 32, 64);
    }

    /// <summary>Labels of the request counter: the operation and the HTTP status.</summary>
    public static IReadOnlyList<string> RequestLabels { get; } = ["operation", "status"];

    public Meter Meter { get; }

    public Counter<long> CacheHits { get; }

    public Counter<long> CacheMisses { get; }

    public Counter<long> Evictions { get; }

    /// <summary>Pictures taken over from another replica.</summary>
    public Counter<long> Adopted { get; }

    /// <summary>Encodings cancelled because their picture was removed or the service stops.</summary>
    public Counter<long> EncodesCancelled { get; }

    /// <summary>Duration of completed encodings.</summary>
    public Histogram<double> Encode { get; }

    /// <summary>Duration of predictions, with the wait for a turn, without receiving and sending.</summary>
    public Histogram<double> Predict { get; }

    /// <summary>Duration of searches for all masks, with the wait for a turn, without receiving and sending.</summary>
    public Histogram<double> Everything { get; }

    /// <summary>Duration of searches for phrases, with the wait for a turn, without receiving and sending.</summary>
    public Histogram<double> Find { get; }

    /// <summary>Counts an answered request.</summary>
    public void AddRequest(string operation, int status)
        => _requests.Add(1, new(RequestLabels[0], operation), new(RequestLabels[1], status));

    /// <summary>Whether an instrument's measurements carry <see cref="RequestLabels"/>.</summary>
    public bool IsOfRequests(Instrument instrument) => instrument == _requests;

    /// <summary>Adds gauges of the encoding queue, read at every scrape.</summary>
    public void ObserveEncoding(Func<long> length, Func<long> running)
    {
        Meter.CreateObservableGauge("pocketsam.queue.length", length, description: "Pictures that wait to be encoded.");
        Meter.CreateObservableGauge("pocketsam.encoding", running, description: "Pictures that are being encoded.");
    }

    /// <summary>Adds gauges of the image store, read at every scrape.</summary>
    public void ObserveCache(Func<long> bytes, Func<long> images)
    {
        Meter.CreateObservableGauge("pocketsam.cache", bytes, Bytes, "Bytes of pictures and embeddings in memory.");
        Meter.CreateObservableGauge("pocketsam.cache.images", images, description: "Pictures that requests can name.");
    }

    private Histogram<double> Duration(string name, string description, params double[] bounds)
        => Meter.CreateHistogram(
            name, Seconds, description, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = bounds });
}
