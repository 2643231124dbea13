using System.Diagnostics.Metrics;
using Prometheus;

namespace PocketSam.Server.Metrics;

/// <summary>
/// Exports the service's meter in Prometheus' text format. Names follow OpenTelemetry's conversion: <c>_</c> for dots,
/// then the unit, then <c>_total</c> for counters. Instruments appear from the start, and histograms have the
/// boundaries of their instrument's advice.
/// </summary>
internal sealed class PrometheusExporter : IDisposable
{
    public const string ContentType = PrometheusConstants.TextContentTypeWithVersionAndEncoding;

    private readonly CollectorRegistry _registry = Prometheus.Metrics.NewCustomRegistry();
    private readonly MeterListener _listener = new();
    private readonly ServerMetrics _metrics;
    private readonly MetricFactory _factory;

    public PrometheusExporter(ServerMetrics metrics)
    {
        _metrics = metrics;
        _factory = Prometheus.Metrics.WithCustomRegistry(_registry);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter == metrics.Meter)
                listener.EnableMeasurementEvents(instrument, Recorder(instrument));
        };
        _listener.SetMeasurementEventCallback<long>((_, value, tags, state) => ((Record)state!)(value, tags));
        _listener.SetMeasurementEventCallback<double>((_, value, tags, state) => ((Record)state!)(value, tags));
        _listener.Start();
        _registry.AddBeforeCollectCallback(_listener.RecordObservableInstruments);
    }

    private delegate void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags);

    /// <summary>Writes all metrics in text format 0.0.4.</summary>
    public Task WriteAsync(Stream stream, CancellationToken cancellation)
        => _registry.CollectAndExportAsTextAsync(stream, cancellation);

    public void Dispose() => _listener.Dispose();

    private Record Recorder(Instrument instrument)
    {
        string name = NameOf(instrument), help = instrument.Description ?? "";
        switch (instrument)
        {
            case Counter<long>:
                Counter counter = _factory.CreateCounter(
                    $"{name}_total", help, _metrics.IsOfRequests(instrument) ? [.. ServerMetrics.RequestLabels] : []);
                return (value, tags) => counter.WithLabels(LabelsOf(tags)).Inc(value);
            case Histogram<double> { Advice.HistogramBucketBoundaries: { } bounds }:
                Histogram histogram = _factory.CreateHistogram(
                    name, help, new HistogramConfiguration { Buckets = [.. bounds] });
                return (value, _) => histogram.Observe(value);
            case ObservableGauge<long>:
                Gauge gauge = _factory.CreateGauge(name, help);
                return (value, _) => gauge.Set(value);
            default:
                throw new NotSupportedException($"{instrument.Name}: there is no Prometheus metric for {instrument.GetType().Name}");
        }
    }

    private static string NameOf(Instrument instrument)
    {
        string unit = instrument.Unit switch
        {
            "s" => "_seconds",
            "By" => "_bytes",
            _ => "",
        };
        return instrument.Name.Replace('.', '_') + unit;
    }

    /// <summary>The values of the tags, in the order of <see cref="ServerMetrics.RequestLabels"/>.</summary>
    private static string[] LabelsOf(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string[] labels = new string[tags.Length];
        for (int i = 0; i < labels.Length; i++)
            labels[i] = FormattableString.Invariant($"{tags[i].Value}");
        return labels;
    }
}
