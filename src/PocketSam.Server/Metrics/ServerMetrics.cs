using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace PocketSam.Server.Observing;

/// <summary>What the service counts, as text of Prometheus' exposition format 0.0.4.</summary>
internal sealed class ServerMetrics
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly ConcurrentDictionary<(string Operation, int Status), Counter> _requests = new();
    private readonly List<(string Name, string Help, Func<double> Read)> _gauges = [];

    public Counter CacheHits { get; } = new();

    public Counter CacheMisses { get; } = new();

    /// <summary>Pictures that made room for others or were not used for long.</summary>
    public Counter Evictions { get; } = new();

    /// <summary>Encodings that ended before their time, as nobody wanted them any more.</summary>
    public Counter EncodesCancelled { get; } = new();

    /// <summary>Time of encodings that were done.</summary>
    public Histogram Encode { get; } = new(0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8);

    /// <summary>Time of predictions, waiting included.</summary>
    public Histogram Predict { get; } = new(0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28);

    /// <summary>Time of searches for all masks, waiting included.</summary>
    public Histogram Everything { get; } = new(0.5, 1, 2, 4, 8, 16, 32, 64);

    /// <summary>A request was answered.</summary>
    public void AddRequest(string operation, int status) => _requests.GetOrAdd((operation, status), _ => new Counter()).Add(1);

    /// <summary>A value that is read whenever metrics are asked for; called while the service is put together.</summary>
    public void Observe(string name, string help, Func<double> read)
    {
        lock (_gauges)
            _gauges.Add((name, help, read));
    }

    /// <summary>All of them.</summary>
    public string Write()
    {
        var text = new StringBuilder();
        Begin("pocketsam_requests_total", "counter", "Requests that were answered.");
        foreach (((string operation, int status), Counter counter) in _requests.OrderBy(pair => pair.Key))
            Line($"pocketsam_requests_total{{operation=\"{operation}\",status=\"{status}\"}} {counter.Value}");
        Count("pocketsam_cache_hits_total", "Requests whose picture was in memory.", CacheHits);
        Count("pocketsam_cache_misses_total", "Requests whose picture was not in memory.", CacheMisses);
        Count("pocketsam_cache_evictions_total", "Pictures that made room or were not used for long.", Evictions);
        Count("pocketsam_encodes_cancelled_total", "Encodings that nobody wanted any more.", EncodesCancelled);
        Spread("pocketsam_encode_seconds", "Time of encodings.", Encode);
        Spread("pocketsam_predict_seconds", "Time of predictions, waiting included.", Predict);
        Spread("pocketsam_everything_seconds", "Time of searches for all masks, waiting included.", Everything);
        lock (_gauges)
        {
            foreach ((string name, string help, Func<double> read) in _gauges)
            {
                Begin(name, "gauge", help);
                Line($"{name} {read()}");
            }
        }

        return text.ToString();

        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');

        void Begin(string name, string type, string help)
        {
            Line($"# HELP {name} {help}");
            Line($"# TYPE {name} {type}");
        }

        void Count(string name, string help, Counter counter)
        {
            Begin(name, "counter", help);
            Line($"{name} {counter.Value}");
        }

        void Spread(string name, string help, Histogram histogram)
        {
            Begin(name, "histogram", help);
            ((double Bound, long Count)[] buckets, double sum) = histogram.Read();
            foreach ((double bound, long count) in buckets)
            {
                string limit = double.IsInfinity(bound) ? "+Inf" : bound.ToString(CultureInfo.InvariantCulture);
                Line($"{name}_bucket{{le=\"{limit}\"}} {count}");
            }

            Line($"{name}_sum {sum}");
            Line($"{name}_count {buckets[^1].Count}");
        }
    }
}
