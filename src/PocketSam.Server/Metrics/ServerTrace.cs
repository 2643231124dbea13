using System.Diagnostics;

namespace PocketSam.Server.Metrics;

/// <summary>
/// Spans of the service, on the activity source <see cref="SourceName"/>: one for each request, named after its
/// operation, with child spans for waiting (<c>queue</c>) and computing (<c>encode</c>, <c>decode</c>). They cost
/// nothing without a listener.
/// </summary>
internal static class ServerTrace
{
    public const string SourceName = "PocketSam";
    public const string Status = "http.response.status_code", Picture = "pocketsam.picture";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Starts a span under the current one; null if nobody listens.</summary>
    public static Activity? Start(string name) => Source.StartActivity(name);

    /// <summary>Starts a span under that of a request that has already returned; null if nobody listens.</summary>
    public static Activity? Start(string name, ActivityContext parent) => Source.StartActivity(name, ActivityKind.Internal, parent);
}
