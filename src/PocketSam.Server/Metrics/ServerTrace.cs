using System.Diagnostics;

namespace PocketSam.Server.Metrics;

/// <summary>
/// The spans of the service, on the activity source <see cref="SourceName"/>: requests by their operation, and in them what waits
/// (<c>queue</c>) and what computes (<c>encode</c>, <c>decode</c>). Without a listener they cost nothing.
/// </summary>
internal static class ServerTrace
{
    public const string SourceName = "PocketSam";
    public const string Status = "http.response.status_code", Picture = "pocketsam.picture";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Begins a span of what runs now.</summary>
    public static Activity? Start(string name) => Source.StartActivity(name);

    /// <summary>Begins a span of a request that has returned, or null where nobody listens.</summary>
    public static Activity? Start(string name, ActivityContext parent) => Source.StartActivity(name, ActivityKind.Internal, parent);
}
